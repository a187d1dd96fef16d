//! Where speech is cut into pieces for synthesis.

use proptest::prelude::*;
use synthesis::chunk::{Cut, Limits, characters, chunks};
use synthesis::spoken::spoken;

/// The pieces of a text as words.
fn pieces(text: &str, limits: Limits) -> Vec<String> {
    let tokens = spoken(text, "en");
    let words = |range: std::ops::Range<usize>| {
        let words: Vec<_> = tokens[range]
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        words.join(" ")
    };
    chunks(&tokens, limits, characters)
        .into_iter()
        .map(|chunk| words(chunk.said))
        .collect()
}

const SHORT: Limits = Limits {
    first_words: 8,
    first_cost: 60,
    cost: 80,
};

#[test]
fn the_first_piece_is_a_short_clause_and_later_ones_are_sentences() {
    let text = "When you are ready, please tell me your account number and the date of birth. \
                I will look it up. It takes a moment.";
    assert_eq!(
        pieces(text, Limits::default()),
        [
            "When you are ready ,",
            "please tell me your account number and the date of birth . \
             I will look it up . It takes a moment ."
        ]
    );
}

#[test]
fn a_short_text_is_one_piece() {
    assert_eq!(pieces("Yes.", Limits::default()), ["Yes ."]);
    assert_eq!(
        pieces("Yes. I will do so now.", Limits::default()),
        ["Yes . I will do so now ."]
    );
    assert_eq!(pieces("", Limits::default()), Vec::<String>::new());
}

#[test]
fn a_long_sentence_is_cut_at_clauses_and_then_at_words() {
    let text = "The river that runs behind the old mill has risen for three days now, and the \
                people who live beside it have begun to carry their furniture upstairs without a word";
    assert_eq!(
        pieces(text, SHORT),
        [
            "The river that runs behind the old mill",
            "has risen for three days now ,",
            "and the people who live beside it have begun to carry their furniture upstairs",
            "without a word"
        ]
    );
}

#[test]
fn brackets_and_quotes_stay_with_the_words_inside() {
    let limits = Limits {
        first_words: 4,
        first_cost: 20,
        cost: 24,
    };
    assert_eq!(
        pieces("He said \"never again\" (and meant it) to her", limits),
        ["He said", "“ never again ”", "( and meant it ) to her"]
    );
}

#[test]
fn what_one_written_word_is_read_as_stays_whole() {
    let limits = Limits {
        first_words: 3,
        first_cost: 20,
        cost: 30,
    };
    let pieces = pieces("It costs them $1,500.50 today", limits);
    assert_eq!(pieces[0], "It costs them");
}

#[test]
fn a_word_over_the_budget_is_a_piece_of_its_own() {
    let limits = Limits {
        first_words: 8,
        first_cost: 5,
        cost: 5,
    };
    assert_eq!(
        pieces("a extraordinary b", limits),
        ["a", "extraordinary", "B"]
    );
}

#[test]
fn a_long_beginning_is_cut_between_words_and_read_with_those_around_it() {
    let text = "The river that runs behind the old mill has risen for three days, they say.";
    let tokens = spoken(text, "en");
    let chunks = chunks(&tokens, Limits::default(), characters);
    let words = |range: std::ops::Range<usize>| {
        tokens[range]
            .iter()
            .map(|t| t.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(chunks.len(), 2);
    assert_eq!(chunks[0].end, Cut::Word);
    assert_eq!(
        words(chunks[0].said.clone()),
        "The river that runs behind the old mill"
    );
    assert_eq!(
        words(chunks[0].read.clone()),
        "The river that runs behind the old mill has risen for three"
    );
    assert_eq!(
        words(chunks[1].read.clone()),
        "The river that runs behind the old mill has risen for three days , they say ."
    );
}

proptest! {
    #[test]
    fn all_is_kept_in_order_and_within_the_budget(
        text in "([a-z]{1,12}|[0-9]{1,6}|\\$[0-9]|[,.;:!?()\"—]| |\n){0,80}",
        cost in 1usize..120,
    ) {
        let tokens = spoken(&text, "en");
        let limits = Limits { first_words: 8, first_cost: 60, cost };
        let mut at = 0;
        for chunk in chunks(&tokens, limits, characters) {
            let piece = chunk.said;
            prop_assert_eq!(piece.start, at);
            prop_assert!(piece.end > at);
            at = piece.end;
            prop_assert!(chunk.read.start <= piece.start && chunk.read.end >= piece.end);
            prop_assert!(chunk.end > Cut::Never || piece.end == at);
            let spent: usize = tokens[piece.clone()].iter().map(characters).sum();
            prop_assert!(spent <= cost || piece.len() == 1);
        }
        prop_assert_eq!(at, tokens.len());
    }
}
