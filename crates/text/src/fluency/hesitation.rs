//! Hesitation in words: filled pauses, words said twice, words broken off.

use super::measures::Repairs;
use super::words::Word;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Longest stretch that counts as said again, words.
const LONGEST_REPEAT: usize = 3;

/// A word or phrase that fills pauses.
struct Filler {
    language: &'static str,
    words: Vec<&'static str>,
    /// Only where commas or the ends of the utterance set it off.
    set_off: bool,
}

static FILLERS: LazyLock<Vec<Filler>> = LazyLock::new(|| {
    rows(include_str!("../../data/fluency/fillers.tsv"))
        .filter_map(|row| {
            let mut columns = row.split('\t');
            let language = columns.next()?;
            let words = columns.next()?.split(' ').collect();
            let set_off = columns.next() == Some("comma");
            Some(Filler {
                language,
                words,
                set_off,
            })
        })
        .collect()
});

/// Language and word.
static DOUBLES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    rows(include_str!("../../data/fluency/doubles.tsv"))
        .filter_map(|row| row.split_once('\t'))
        .collect()
});

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Whether we have a list of fillers for a language.
pub(super) fn known(language: &str) -> bool {
    FILLERS.iter().any(|filler| filler.language == language)
}

/// What hesitates in an utterance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hesitation {
    /// How often each filler stands there.
    pub fillers: BTreeMap<String, usize>,
    /// What is said anew.
    pub repairs: Repairs,
    /// Words that say something: not fillers, not said again, not broken off.
    pub fluent: Vec<usize>,
}

/// Finds it. Without a list for the language there are no fillers.
pub(super) fn hesitation(words: &[Word], language: &str) -> Hesitation {
    let mut out = Hesitation::default();
    let fillers: Vec<&Filler> = FILLERS.iter().filter(|f| f.language == language).collect();
    let mut kept: Vec<usize> = Vec::with_capacity(words.len());
    let mut i = 0;
    while i < words.len() {
        if let Some(filler) = fillers.iter().find(|f| stands(f, words, i)) {
            *out.fillers.entry(filler.words.join(" ")).or_default() += 1;
            i += filler.words.len();
            continue;
        }
        match words[i].broken {
            true => out.repairs.false_starts += 1,
            false => kept.push(i),
        }
        i += 1;
    }
    let mut at = 0;
    while at < kept.len() {
        match repeated(&kept[at..], words, language) {
            Some(length) => {
                out.repairs.repetitions += 1;
                at += length;
            }
            None => {
                out.fluent.push(kept[at]);
                at += 1;
            }
        }
    }
    out
}

/// Whether a filler stands at a word.
fn stands(filler: &Filler, words: &[Word], at: usize) -> bool {
    let end = at + filler.words.len();
    let Some(here) = words.get(at..end) else {
        return false;
    };
    let same = here
        .iter()
        .zip(&filler.words)
        .all(|(word, filler)| word.lower == *filler);
    let opened = at == 0 || words[at - 1].ends_clause;
    // A whole utterance of it says something: `Like?`
    let closed = words[end - 1].ends_clause && !words[end - 1].ends_sentence;
    same && (!filler.set_off || opened && closed)
}

/// The length of what is said and then said again at the beginning of `kept`.
fn repeated(kept: &[usize], words: &[Word], language: &str) -> Option<usize> {
    (1..=LONGEST_REPEAT).rev().find(|&length| {
        let (Some(first), Some(second)) = (kept.get(..length), kept.get(length..2 * length)) else {
            return false;
        };
        let lower = |i: &usize| words[*i].lower.as_str();
        let same = first.iter().map(lower).eq(second.iter().map(lower));
        // Over the end of a sentence it is emphasis or an answer; digits double in numbers.
        let within = first.iter().all(|&i| !words[i].ends_sentence);
        let counts = first
            .iter()
            .map(lower)
            .all(|w| !w.contains(|c: char| c.is_numeric()) && !super::grammar::is_number(w));
        let meant = DOUBLES
            .iter()
            .any(|(l, w)| *l == language && lower(&first[0]) == *w);
        same && within
            && counts
            && !(length == 1 && meant)
            && !(length == 2 && uniform(first, words))
    })
}

/// Whether two words are one and the same: `no no no no` is not `no no` said again.
fn uniform(pair: &[usize], words: &[Word]) -> bool {
    words[pair[0]].lower == words[pair[1]].lower
}
