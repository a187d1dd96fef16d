//! Changes of melody and energy between the acoustic part and the rest.

use super::Acoustics;
use crate::Style;

/// Below this there is no voice, as the source has it.
const VOICED_HZ: f32 = 10.0;

/// Widens the movements of pitch and energy around their means by `1 + spread`, shifts the pitch
/// and takes the voice away, as `style` says and `exaggeration` adds.
pub(crate) fn apply(acoustics: &mut Acoustics, style: &Style, exaggeration: f32) {
    let spread = 1.0 + (style.spread + exaggeration).max(-1.0);
    if spread == 1.0 && style.shift == 0.0 && style.breath == 0.0 {
        return;
    }
    let voiced = |pitch: &f32| *pitch > VOICED_HZ;
    let logs = acoustics.pitch.iter().filter(|pitch| voiced(pitch));
    let mean = mean(logs.map(|pitch| pitch.ln()));
    let shift = style.shift / 12.0 * std::f32::consts::LN_2;
    for pitch in acoustics.pitch.iter_mut().filter(|pitch| voiced(pitch)) {
        let log = mean + (pitch.ln() - mean) * spread + shift;
        *pitch = log.exp().clamp(40.0, 1000.0) * if style.breath < 1.0 { 1.0 } else { 0.0 };
    }
    // Energy moves half as far: its valleys are the consonants.
    let level = self::mean(acoustics.energy.iter().copied());
    let spread = 1.0 + (spread - 1.0) * 0.5;
    for energy in &mut acoustics.energy {
        *energy = level + (*energy - level) * spread;
    }
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}
