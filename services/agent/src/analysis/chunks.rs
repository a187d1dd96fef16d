//! A call cut into parts that fit a model's context.

/// Tokens of a text, roughly: four characters of ASCII each, fewer of other scripts.
pub fn tokens(text: &str) -> usize {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let others = text.chars().count() - ascii;
    (ascii + 3 * others).div_ceil(4)
}

/// As much of the start of a text as fits.
pub fn head(text: &str, budget: usize) -> &str {
    let mut quarters = 0;
    for (at, c) in text.char_indices() {
        quarters += if c.is_ascii() { 1 } else { 3 };
        if quarters > budget * 4 {
            return &text[..at];
        }
    }
    text
}

/// Lines in parts of at most `budget` tokens each; only a line that is longer is cut.
pub fn parts<'a>(lines: impl IntoIterator<Item = &'a str>, budget: usize) -> Vec<String> {
    let budget = budget.max(16);
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut filled = 0;
    for line in lines {
        let mut rest = line;
        while !rest.is_empty() {
            let piece = head(rest, budget);
            rest = &rest[piece.len()..];
            let cost = tokens(piece) + 1;
            if filled > 0 && filled + cost > budget {
                parts.push(std::mem::take(&mut part));
                filled = 0;
            }
            part.push_str(piece);
            part.push('\n');
            filled += cost;
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_at_lines() {
        let lines = ["a".repeat(40), "b".repeat(40), "c".repeat(40)];
        let parts = parts(lines.iter().map(String::as_str), 25);
        assert_eq!(
            parts,
            [
                format!("{}\n{}\n", lines[0], lines[1]),
                format!("{}\n", lines[2])
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_part_is_too_long(lines in proptest::collection::vec("[a-zé你 ]{1,90}", 0..20), budget in 16usize..60) {
            let parts = parts(lines.iter().map(String::as_str), budget);
            let flat = |text: &str| text.replace('\n', "");
            proptest::prop_assert_eq!(flat(&parts.concat()), flat(&lines.concat()));
            // One for the line break.
            proptest::prop_assert!(parts.iter().all(|part| tokens(part) <= budget + 1));
        }
    }
}
