//! Writes a WAV for each line `VOICE<TAB>TEXT` of standard input, as the server would say it:
//! `cargo run --release -p synthesis --example render -- OUT` makes `OUT/0000.wav` and so on.
//! A line that cannot be said is told, and has no file.

mod support;

use std::path::Path;

use anyhow::{Context, Result};
use model_store::Store;
use synthesis::{
    Event, Request, Speech, SynthesisError, Synthesizer, SynthesizerFiles, SynthesizerOptions,
    Urgency,
};

/// Texts in the making for each worker.
const AT_ONCE: usize = 4;

#[tokio::main]
async fn main() -> Result<()> {
    let out = std::env::args().nth(1).context("OUT")?;
    let store = Store::from_env()?;
    // Nobody waits for a first sound: a core for each of several texts is the fastest.
    let workers = std::thread::available_parallelism()?.get();
    let runtime = support::runtime(&store, 1)?;
    let synthesizer = Synthesizer::start(
        &runtime,
        &SynthesizerFiles::find(&store, runtime.device())?,
        SynthesizerOptions {
            workers,
            ..SynthesizerOptions::default()
        },
    )?;
    let say = |voice: &str, text: &str| {
        let (voice, _) = synthesizer.voices().parse(voice, None)?;
        let mut request = Request::new(text, voice);
        request.urgency = Urgency::Batch;
        synthesizer.speak(request)
    };
    for (group, lines) in support::lines()?.chunks(workers * AT_ONCE).enumerate() {
        let speeches: Vec<_> = lines.iter().map(|(voice, text)| say(voice, text)).collect();
        for (place, speech) in speeches.into_iter().enumerate() {
            let number = group * workers * AT_ONCE + place;
            match whole(speech).await {
                Ok(samples) => {
                    support::write_wav(
                        &Path::new(&out).join(format!("{number:04}.wav")),
                        &samples,
                    )?;
                }
                Err(error) => eprintln!("{number:04}: {error}"),
            }
        }
    }
    Ok(())
}

/// All samples of a speech.
async fn whole(speech: Result<Speech, SynthesisError>) -> Result<Vec<f32>, SynthesisError> {
    let (mut speech, mut samples) = (speech?, Vec::new());
    while let Some(event) = speech.next().await {
        if let Event::Sound(sound) = event? {
            samples.extend(sound.samples);
        }
    }
    Ok(samples)
}
