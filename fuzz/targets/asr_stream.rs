//! Live recognition: the query, then messages a line each: texts, which may be configurations, and
//! sound in any encoding.
#![no_main]

use asr_server::profiles::Catalogue;
use asr_server::stream::messages::{self, Control};
use asr_server::stream::settings;
use audio::{LiveDecoder, LiveEncoding};
use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use model_store::Variant;
use service::Form;
use std::sync::LazyLock;

static CATALOGUES: LazyLock<Vec<Catalogue>> =
    LazyLock::new(|| Variant::ALL.into_iter().map(Catalogue::of).collect());

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let catalogue = &CATALOGUES[usize::from(input.byte()) % CATALOGUES.len()];
    let query = String::from_utf8_lossy(input.until(b'\n'));
    let Ok(mut form) = Form::from_query(&query) else {
        return;
    };
    let mut ear: Option<(LiveDecoder, LiveEncoding, u32)> = None;
    for line in input.lines() {
        match str::from_utf8(line) {
            Ok(text) if text.starts_with('{') || text.starts_with('[') => {
                if let Ok(Control::Config(fields)) = messages::read(text) {
                    let _ = messages::merge(&mut form, fields);
                }
            }
            _ => {
                if ear.is_none() {
                    ear = begin(&mut form.clone(), catalogue);
                }
                let Some((decoder, encoding, rate)) = &mut ear else {
                    return;
                };
                hear(decoder, *encoding, *rate, line);
            }
        }
    }
    if let Some((mut decoder, ..)) = ear {
        decoder.finish();
    }
});

/// An ear as the settings want it; none where they are refused.
fn begin(form: &mut Form, catalogue: &Catalogue) -> Option<(LiveDecoder, LiveEncoding, u32)> {
    let (settings, _) = settings::parse(form, catalogue).ok()?;
    let (encoding, rate) = (settings.encoding, settings.sample_rate);
    let decoder = LiveDecoder::new(encoding, rate, 16_000);
    Some((
        decoder.expect("settings that are taken can be heard"),
        encoding,
        rate,
    ))
}

fn hear(decoder: &mut LiveDecoder, encoding: LiveEncoding, rate: u32, message: &[u8]) {
    let seconds = encoding.seconds(message, rate);
    assert!(seconds.is_finite() && seconds >= 0.0);
    let mut samples = Vec::new();
    let _ = decoder.push(message, &mut samples);
    assert!(samples.len() as f64 <= (seconds + 1.0) * 16_000.0);
    assert!(samples.iter().all(|sample| sample.is_finite()));
}
