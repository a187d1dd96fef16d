//! Kokoro's parts as the engine runs them.

use inference::SessionOptions;
use synthesis::kokoro::{Acoustics, Graphs, Passage, Run, STYLE, Script, Styles};
use synthesis::{Style, phonemes};

use super::support::{FILES, RUNTIME};

/// Short enough for both stages of the generator to make it at once, and for the first one.
const WORD: &str = "ɐ";
const WORDS: &str = "jˈɛs.";
const SENTENCE: &str = "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɔɡ.";

fn graphs() -> Graphs {
    Graphs::load(&RUNTIME, &FILES.graphs, &SessionOptions::default()).expect("they load")
}

fn style() -> [f32; STYLE] {
    let styles = Styles::load(&FILES.voices).expect("readable");
    *styles.row("am_adam", 40).expect("a voice")
}

fn acoustics(graphs: &mut Graphs, instruction: &str, exaggeration: f32) -> Acoustics {
    acoustics_of(SENTENCE, graphs, instruction, exaggeration)
}

fn acoustics_of(
    phonemes: &str,
    graphs: &mut Graphs,
    instruction: &str,
    exaggeration: f32,
) -> Acoustics {
    let script = Script {
        tokens: phonemes::tokens(phonemes).expect("phonemes"),
        style: style(),
        speed: 1.0,
        manner: Style::parse(instruction).0,
        exaggeration,
    };
    script
        .acoustics(graphs, &Run::new().expect("options"))
        .expect("it runs")
}

/// Deviation of the logarithm of the pitch.
fn range(acoustics: &Acoustics) -> f32 {
    let logs: Vec<f32> = acoustics
        .pitch
        .iter()
        .filter(|f| **f > 50.0)
        .map(|f| f.ln())
        .collect();
    let mean = logs.iter().sum::<f32>() / logs.len() as f32;
    (logs.iter().map(|log| (log - mean).powi(2)).sum::<f32>() / logs.len() as f32).sqrt()
}

#[test]
fn the_source_of_some_frames_is_the_beginning_of_that_of_all() {
    let mut graphs = graphs();
    let run = Run::new().expect("options");
    let pitch = acoustics(&mut graphs, "", 0.0).pitch;
    let whole = graphs.source(&run, &pitch).expect("it runs");
    let some = graphs.source(&run, &pitch[..2 * 22]).expect("it runs");
    // The last two frames may differ.
    let until = 20 * 120;
    for (row, other) in whole
        .window(0..until)
        .rows()
        .zip(some.window(0..until).rows())
    {
        for (a, b) in row.iter().zip(other) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
}

#[test]
fn windows_of_any_size_give_the_same_sound() {
    let mut graphs = graphs();
    let run = Run::new().expect("options");
    for (phonemes, frames) in [(WORD, 10..30), (WORDS, 31..80), (SENTENCE, 81..400)] {
        let acoustics = acoustics_of(phonemes, &mut graphs, "", 0.0);
        assert!(
            frames.contains(&acoustics.frames()),
            "{phonemes}: {}",
            acoustics.frames()
        );
        let mut sound = |size: usize, in_lanes: bool| {
            let mut passage =
                Passage::new(&mut graphs, &run, &style(), &acoustics, size).expect("it runs");
            let frames = passage.frames();
            let starts = (0..frames).step_by(size);
            let windows = starts.map(|start| start..(start + size).min(frames));
            let windows = windows.map(|window| match in_lanes {
                true => passage.window_in_lanes(&mut graphs, &run, window),
                false => passage.window(&mut graphs, &run, window),
            });
            let windows: Result<Vec<_>, _> = windows.collect();
            windows.expect("they run").concat()
        };
        let large = sound(1000, false);
        for (size, in_lanes) in [(8, false), (40, true)] {
            let small = sound(size, in_lanes);
            assert_eq!(small.len(), large.len());
            let error: f32 = small.iter().zip(&large).map(|(a, b)| (a - b).powi(2)).sum();
            let power: f32 = large.iter().map(|a| a * a).sum();
            let decibels = 10.0 * (power / error.max(f32::MIN_POSITIVE)).log10();
            println!("{phonemes}: windows of {size} frames against all at once: {decibels:.0} dB");
            assert!(decibels > 60.0, "{phonemes}: {decibels} dB");
        }
    }
}

#[test]
fn exaggeration_widens_the_melody_and_calm_narrows_it() {
    let mut graphs = graphs();
    let plain = range(&acoustics(&mut graphs, "", 0.0));
    let wide = range(&acoustics(&mut graphs, "", 0.5));
    let calm = range(&acoustics(&mut graphs, "calmly", 0.0));
    // Half as wide again, but for what would be too low for a voice.
    assert!((1.25..1.55).contains(&(wide / plain)), "{plain} {wide}");
    assert!(calm < plain * 0.8, "{plain} {calm}");
}
