//! Transcripts to what people read: any text in any language, with words that need not fit it.
#![no_main]

use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use text::entities::{Name, with_names};
use text::{EntityKind, Polish, TimedWord, Utterance, fluency, itn, plain, profanity};

const LANGUAGES: [&str; 12] = [
    "en", "es", "fr", "de", "hi", "zh", "ja", "ko", "pt", "it", "xx", "",
];

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let language = input.one_of(&LANGUAGES);
    let flags = input.byte();
    let text = String::from_utf8_lossy(input.0);
    written(&text, language);
    found(&text, language, usize::from(flags));
    polished(&text, language, flags);
    subtitled(&text, language, flags);
    let _ = plain(&text, language);
    let _ = profanity::mask(&text, language);
    let _ = text::ends_sentence(&text);
});

fn written(text: &str, language: &str) {
    let edits = itn::edits(text, language);
    let mut done = 0;
    for edit in &edits {
        assert!(done <= edit.span.start && edit.span.start < edit.span.end);
        assert!(text.get(edit.span.clone()).is_some(), "{edit:?}");
        done = edit.span.end;
    }
    let _ = itn::apply(text, &edits);
}

fn found(text: &str, language: &str, at: usize) {
    // A name as a model finds it, which may lie anywhere.
    let names = [Name {
        kind: EntityKind::Person,
        span: at..at + 7,
    }];
    let mut end = 0;
    for entity in with_names(text, language, &names) {
        assert!(end <= entity.span.start, "{entity:?} overlaps");
        end = entity.span.end;
        let length = entity.span.len();
        let there: String = text.chars().skip(entity.span.start).take(length).collect();
        assert_eq!(there, entity.value);
    }
}

fn polished(text: &str, language: &str, flags: u8) {
    let polish = Polish {
        language,
        punctuation: flags & 1 != 0,
        itn: flags & 2 != 0,
        profanity_filter: flags & 4 != 0,
    };
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if flags & 8 != 0 {
        words.pop();
    }
    let mut done = 0;
    for word in polish.words(text, &words).1 {
        assert!(done <= word.source.start && word.source.end <= words.len());
        done = word.source.end;
    }
}

fn subtitled(text: &str, language: &str, flags: u8) {
    let mut at = 0.0;
    let utterances: Vec<Utterance> = text
        .lines()
        .map(|line| {
            let start = at;
            let words = line.split_whitespace().map(|word| {
                let start = at;
                at += word.len() as f64 * 0.07;
                TimedWord {
                    word: word.to_owned(),
                    start,
                    end: at,
                }
            });
            let words = words.collect();
            Utterance {
                text: line.to_owned(),
                start,
                end: at,
                words: if flags & 16 != 0 { words } else { Vec::new() },
                label: (flags & 32 != 0).then(|| line.chars().take(3).collect()),
            }
        })
        .collect();
    let _ = text::srt(&utterances);
    let _ = text::vtt(&utterances);
    let _ = fluency::analyse(&utterances, language);
}
