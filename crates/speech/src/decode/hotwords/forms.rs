//! The spellings under which a hotword may be recognised.

use crate::decode::spelling::folded;

/// A spelling, folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    /// Lower case, without punctuation.
    pub text: String,
    /// Characters at its end that earn nothing: those of an inflection.
    pub unrewarded: usize,
    /// Letters that follow the hotword as its user spelled it; `None` where its end is changed
    /// (`-ies`, `-ing` for `-e`) and the spelling is best left alone.
    pub suffix: Option<u8>,
}

/// All spellings of a hotword; none where it has no letter or digit.
pub(super) fn forms(hotword: &str) -> Vec<Form> {
    let plain = folded(hotword);
    let mut bases = vec![
        plain.clone(),
        // Check-in: checkin.
        folded(&hotword.replace(['-', '‐', '‑'], "")),
        // LoanTap: loan tap.
        folded(&parted(hotword, |before, c| {
            before.is_lowercase() && c.is_uppercase()
        })),
        // EMI: e m i.
        folded(&spelled_out(hotword)),
    ];
    // Go Boult: goboult.
    if plain.split(' ').count() == 2 {
        bases.push(plain.replace(' ', ""));
    }
    bases.retain(|base| !base.is_empty());
    let is_name = hotword.chars().any(char::is_uppercase);
    let mut all: Vec<Form> = bases
        .iter()
        .flat_map(|base| inflected(base, is_name))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// With a space wherever `between` says so of two neighbours.
fn parted(text: &str, between: impl Fn(char, char) -> bool) -> String {
    let mut whole = String::with_capacity(text.len() + 4);
    let mut before = ' ';
    for c in text.chars() {
        if between(before, c) {
            whole.push(' ');
        }
        whole.push(c);
        before = c;
    }
    whole
}

/// Words in capitals, up to six letters, with a space between the letters.
fn spelled_out(text: &str) -> String {
    let spell = |word: &str| match word.chars().count() {
        2..=6 if word.chars().all(char::is_uppercase) => parted(word, |before, _| before != ' '),
        _ => word.to_owned(),
    };
    let words: Vec<String> = text.split_whitespace().map(spell).collect();
    words.join(" ")
}

/// A spelling and its inflections: plural and possessive (an apostrophe is not told apart), and
/// for what is no name the regular past and participle of English.
fn inflected(base: &str, is_name: bool) -> Vec<Form> {
    let plain = |unrewarded: usize, text: String| Form {
        text,
        unrewarded,
        suffix: Some(unrewarded as u8),
    };
    let mut all = vec![plain(0, base.to_owned())];
    let letters = base.chars().rev().take_while(|c| *c != ' ').count();
    if !base.ends_with(|c: char| c.is_ascii_lowercase()) || letters < 2 {
        return all;
    }
    let endings: &[&str] = match (is_name, letters) {
        (_, 2) => &["s"],
        (true, _) => &["s", "es"],
        (false, _) => &["s", "es", "d", "ed", "ing"],
    };
    all.extend(
        endings
            .iter()
            .map(|ending| plain(ending.len(), format!("{base}{ending}"))),
    );
    if is_name || letters < 3 {
        return all;
    }
    let changed = |stem: &str, ending: &str| Form {
        text: format!("{stem}{ending}"),
        unrewarded: ending.len(),
        suffix: None,
    };
    let vowel = |c: char| "aeiou".contains(c);
    let mut ending = base.chars().rev();
    match [ending.next(), ending.next(), ending.next()] {
        [Some('e'), ..] => all.push(changed(&base[..base.len() - 1], "ing")),
        [Some('y'), Some(before), _] if !vowel(before) => {
            let stem = &base[..base.len() - 1];
            all.extend(["ies", "ied"].map(|ending| changed(stem, ending)));
        }
        // Plan: planned.
        [Some(last), Some(middle), Some(before)]
            if letters <= 6 && !vowel(last) && vowel(middle) && !vowel(before) =>
        {
            let stem = format!("{base}{last}");
            all.extend(["ed", "ing"].map(|ending| Form {
                unrewarded: ending.len() + 1,
                ..changed(&stem, ending)
            }));
        }
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(hotword: &str) -> Vec<String> {
        forms(hotword).into_iter().map(|form| form.text).collect()
    }

    #[test]
    fn a_brand_is_known_in_one_word_and_in_two() {
        for form in ["loantap", "loan tap", "loantaps"] {
            assert!(texts("LoanTap").contains(&form.to_owned()), "{form}");
        }
        for form in ["emi", "e m i", "emis"] {
            assert!(texts("EMI").contains(&form.to_owned()), "{form}");
        }
        assert!(texts("check-in").contains(&"checkin".to_owned()));
        assert!(texts("Go Boult").contains(&"goboult".to_owned()));
    }

    #[test]
    fn verbs_are_inflected_and_names_only_in_the_plural() {
        let of = |hotword: &str, form: &str| texts(hotword).contains(&form.to_owned());
        assert!(of("refinance", "refinanced") && of("refinance", "refinancing"));
        assert!(of("defer", "deferred") && of("apply", "applied") && of("plan", "planning"));
        assert!(of("Kumar", "kumars") && !of("Kumar", "kumaring"));
    }

    #[test]
    fn nothing_is_no_word() {
        assert!(forms("🙂").is_empty() && forms("...").is_empty());
    }
}
