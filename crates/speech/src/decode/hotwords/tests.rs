//! What is rewarded, and what is taken back.

use super::*;
use crate::decode::spelling::folded;
use proptest::prelude::*;

fn hotwords(words: &[&str]) -> Hotwords {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    Hotwords::new(&words).expect("good words")
}

/// Letters rewarded for a whole text.
fn letters(trie: &Hotwords, text: &str) -> f32 {
    let (bias, gained) = trie.advance(Hotwords::begin(), text);
    gained + trie.finish(bias)
}

#[test]
fn a_whole_hotword_earns_its_letters_in_any_writing() {
    let trie = hotwords(&["GoBoult", "EMI", "annual percentage rate"]);
    for (text, earned) in [
        (" goboult", 7.0),
        ("Ask Goboult, now", 7.0),
        ("Go Boult's", 7.0),
        ("the E.M.I. is", 3.0),
        ("an Annual, percentage-rate", 20.0),
        ("annual percentage", 0.0),
        ("goboulted", 0.0),
        ("a mango boult", 0.0),
        ("EMILY", 0.0),
        ("", 0.0),
    ] {
        assert_eq!(letters(&trie, text), earned, "{text}");
    }
}

#[test]
fn letters_are_rewarded_at_once_and_taken_back_when_the_word_fails() {
    let trie = hotwords(&["Boisbriant"]);
    let (bias, gained) = trie.advance(Hotwords::begin(), " Bois");
    assert_eq!((gained, trie.open_letters(bias)), (4.0, 4.0));
    let (bias, lost) = trie.advance(bias, "e");
    assert_eq!((lost, trie.open_letters(bias)), (-4.0, 0.0));
    let (_, again) = trie.advance(bias, " boisbriant.");
    assert_eq!(again, 10.0);
}

#[test]
fn a_failed_phrase_leaves_the_words_in_it() {
    let trie = hotwords(&["new york times", "york minster", "new"]);
    assert_eq!(letters(&trie, "new york times"), 12.0);
    assert_eq!(letters(&trie, "new york minster"), 3.0 + 11.0);
    assert_eq!(letters(&trie, "new york"), 3.0);
    let trie = hotwords(&["kumar singh rathore", "singh"]);
    assert_eq!(letters(&trie, "kumar singh said"), 5.0);
    assert_eq!(letters(&trie, "kumar singh"), 5.0);
}

#[test]
fn words_need_no_spaces_where_none_are_written() {
    let trie = hotwords(&["北京", "京东"]);
    assert_eq!(letters(&trie, "我在北京东路"), 4.0);
    assert_eq!(letters(&trie, "东京"), 0.0);
}

#[test]
fn bad_lists_are_refused_and_empty_entries_left_out() {
    let refused = |words: Vec<String>| Hotwords::new(&words).expect_err("bad").to_string();
    let many = (0..10_000).map(|i| format!("word{i}")).collect();
    assert!(refused(many).contains("10000"));
    assert!(refused(vec!["x".repeat(500)]).contains("100 characters"));
    assert!(refused(vec!["🙂".into()]).contains("🙂"));
    let two = hotwords(&["", " EMI ", "EMI", "Kumar"]);
    assert_eq!(two.len(), 2);
    assert!(hotwords(&[]).is_empty());
}

proptest! {
    /// What is given can be taken back: nothing is left of a text without a hotword in it.
    #[test]
    fn rewards_never_leak(words in prop::collection::vec("[ab]{1,4}( [ab]{1,3})?", 1..6), text in "[ab ]{0,30}") {
        let trie = Hotwords::new(&words).expect("good words");
        let (mut bias, mut total) = (Hotwords::begin(), 0.0);
        for c in text.chars() {
            let (next, gained) = trie.advance(bias, c.encode_utf8(&mut [0; 4]));
            (bias, total) = (next, total + gained);
            prop_assert!(total >= 0.0 && trie.open_letters(bias) >= 0.0);
        }
        total += trie.finish(bias);
        prop_assert!(total >= 0.0);
        let said = format!(" {} ", folded(&text));
        let any = trie.written.iter().flat_map(|word| forms::forms(word)).any(|form| said.contains(&format!(" {} ", form.text)));
        prop_assert!(any || total == 0.0, "{total} for `{text}`");
    }
}
