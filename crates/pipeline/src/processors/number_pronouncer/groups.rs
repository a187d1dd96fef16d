//! Finds numbers in a text, and puts those that are dialled or typed into groups.

/// Most groups of a number.
const GROUPS: usize = 8;
/// So many digits in a row are no amount.
pub(super) const LONG: usize = 7;

/// Groups of digits that belong together, as they stand in a text.
#[derive(Debug, PartialEq)]
pub(super) struct Number<'a> {
    /// Begins with `+`.
    pub plus: bool,
    /// ASCII digits.
    pub groups: Vec<&'a str>,
    /// What stands between and around the groups.
    pub separators: String,
    /// Bytes of it all.
    pub length: usize,
}

/// The number at the beginning of a text, if there is one.
pub(super) fn number(text: &str) -> Option<Number<'_>> {
    let plus = text.starts_with('+');
    let mut at = usize::from(plus);
    let mut found = Number {
        plus,
        groups: Vec::new(),
        separators: String::new(),
        length: 0,
    };
    while found.groups.len() < GROUPS {
        let is_between = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{2011}');
        let gap: &str = &text[at..];
        let gap = &gap[..gap.find(|c| !is_between(c)).unwrap_or(gap.len())];
        let fits = match found.groups.is_empty() {
            true => matches!(gap, "" | "("),
            false => !gap.is_empty() && gap.chars().count() <= 3,
        };
        let from = at + gap.len();
        let rest = &text[from..];
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        if !fits || end == 0 {
            break;
        }
        found.groups.push(&rest[..end]);
        found.separators.push_str(gap);
        at = from + end;
        found.length = at;
    }
    (!found.groups.is_empty()).then_some(found)
}

impl<'a> Number<'a> {
    /// Its first group only, as a number of its own.
    pub fn first(&self) -> Option<&'a str> {
        let is_bare = !self.plus && !self.separators.starts_with('(');
        self.groups.first().copied().filter(|_| is_bare)
    }

    /// Its digits in groups, if it is dialled or typed and not counted.
    pub fn dialled(&self) -> Option<Vec<&'a str>> {
        let lengths: Vec<usize> = self.groups.iter().map(|group| group.len()).collect();
        let total: usize = lengths.iter().sum();
        let is_dialled = match lengths.as_slice() {
            _ if self.plus => (8..=15).contains(&total),
            [3, 4] => self.separators == "-",
            [3, 3, 4] => true,
            [1, 3, 3, 4] => self.groups[0] == "1",
            [3, 2, 4] => self.separators == "--",
            [4, 4, 4, 4] | [4, 6, 5] => true,
            _ => false,
        };
        match self.groups.as_slice() {
            [digits] if self.plus && is_dialled => Some(in_groups(digits)),
            groups if is_dialled => Some(groups.to_vec()),
            _ => None,
        }
    }
}

/// A row of digits in groups that one can keep in mind.
pub(super) fn in_groups(digits: &str) -> Vec<&str> {
    let sizes: &[usize] = match digits.len() {
        0..=4 => &[4],
        5 => &[5],
        7 => &[3, 4],
        8 => &[4, 4],
        10 => &[3, 3, 4],
        11 if digits.starts_with('1') => &[1, 3, 3, 4],
        12 | 16 => &[4, 4, 4, 4],
        15 => &[4, 6, 5],
        _ => &[],
    };
    let mut groups = Vec::new();
    let mut rest = digits;
    let mut sizes = sizes.iter().copied();
    while !rest.is_empty() {
        // No digit is left alone at the end.
        let usual = if rest.len() == 4 { 4 } else { 3 };
        let (group, after) = rest.split_at(sizes.next().unwrap_or(usual).min(rest.len()));
        groups.push(group);
        rest = after;
    }
    groups
}
