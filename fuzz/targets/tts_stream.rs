//! Live synthesis: the query, then a message a line: configurations, texts and ids.
#![no_main]

use axum::extract::ws::Message;
use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use synthesis::{Language, SpokenWord, Style};
use tts_server::fields::Fields;
use tts_server::stream::messages::{self, Control};
use tts_server::texts::{self, Places};

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let query = String::from_utf8_lossy(input.until(b'\n'));
    let mut fields = match Fields::from_query(&query) {
        Ok((fields, _)) => fields,
        Err(_) => return,
    };
    for (number, line) in (1..).zip(input.lines()) {
        let message = match str::from_utf8(line) {
            Ok(text) => Message::Text(text.into()),
            Err(_) => Message::Binary(line.to_vec().into()),
        };
        match messages::receive(Some(Ok(message))) {
            Ok(Some(Control::Config(more))) => {
                let _ = fields.merge(more);
            }
            Ok(Some(Control::Speak(more))) => speak(more, number),
            _ => {}
        }
        let mut form = fields.form().expect("known fields are few");
        let _ = form.number("speed", 0.5..=2.0f32);
        let _ = form.number("sample_rate", 8_000..=48_000u32);
        let _ = form
            .text("language")
            .map(|code| code.parse::<Language>().is_ok());
    }
});

fn speak(mut fields: serde_json::Map<String, serde_json::Value>, number: u64) {
    if messages::id(fields.remove("id"), number).is_err() {
        return;
    }
    if let Ok(Some(instruct)) = texts::take_short("instruct", &mut fields) {
        let _ = Style::parse(&instruct);
    }
    let Ok(text) = texts::take("text", &mut fields, 1000) else {
        return;
    };
    let characters = texts::characters(&text);
    assert!((1..=1000).contains(&characters));
    let mut places = Places::new(text.as_str().into());
    for (start, letter) in text.char_indices() {
        let word = places.word(SpokenWord {
            text: String::new(),
            source: start..start + letter.len_utf8(),
            start: 0.0,
            end: 0.0,
        });
        assert_eq!(word.char_end, word.char_start + 1);
    }
}
