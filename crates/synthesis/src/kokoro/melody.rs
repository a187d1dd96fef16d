//! Changes of melody and energy between the acoustic part and the rest.

use super::Acoustics;
use crate::Style;

/// Below this the pitch is on its way to or from silence: no melody to be widened.
const VOICED_HZ: f32 = 50.0;

/// As high as a widened melody goes.
const HIGHEST_HZ: f32 = 800.0;

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
        *pitch = log.exp().clamp(VOICED_HZ, HIGHEST_HZ);
    }
    if style.breath >= 1.0 {
        acoustics.pitch.fill(0.0);
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
