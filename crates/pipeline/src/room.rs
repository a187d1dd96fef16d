//! The sound of a room and of breath: noise that is never quite the same, far below the voice.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Root mean square of the room, of full scale: -57 dB.
const ROOM: f32 = 0.0014;
/// That of a breath at its loudest: -44 dB.
const BREATH: f32 = 0.0063;
/// Seconds of a breath.
const BREATH_SECONDS: f32 = 0.26;

/// Noise with less and less towards high frequencies, as rooms have it.
pub struct Noise {
    random: SmallRng,
    low: f32,
    lower: f32,
    /// How much of the past stays in a sample.
    keep: f32,
}

impl Noise {
    /// Noise of which little is left above `corner_hz`.
    pub fn new(seed: u64, rate: u32, corner_hz: f32) -> Self {
        Noise {
            random: SmallRng::seed_from_u64(seed),
            low: 0.0,
            lower: 0.0,
            keep: (-std::f32::consts::TAU * corner_hz / rate as f32).exp(),
        }
    }

    /// The next sample, of root mean square 1.
    pub fn sample(&mut self) -> f32 {
        // Uniform noise has a mean square of 1/3; each low pass leaves (1-k)/(1+k) of a white one's,
        // the second rather more of what is not white any more.
        let k = self.keep;
        let white: f32 = self.random.random_range(-1.0..1.0);
        self.low += (white - self.low) * (1.0 - k);
        self.lower += (self.low - self.lower) * (1.0 - k);
        let power = (1.0 - k) * (1.0 + k * k) / (1.0 + k).powi(3) / 3.0;
        self.lower / power.sqrt()
    }
}

/// Fills what is played with the sound of a room.
pub fn tone(seed: u64, rate: u32) -> impl FnMut(&mut [i16]) + Send {
    let mut noise = Noise::new(seed, rate, 900.0);
    move |frame| {
        for sample in frame {
            *sample = (noise.sample() * ROOM * 32768.0) as i16;
        }
    }
}

/// Somebody breathes in.
pub fn breath(seed: u64, rate: u32) -> Vec<i16> {
    let mut noise = Noise::new(seed, rate, 2200.0);
    let length = (BREATH_SECONDS * rate as f32) as usize;
    let shape = |at: usize| {
        let place = at as f32 / length as f32;
        // Rises for most of its time and breaks off.
        place.powf(1.5) * (1.0 - place.powi(8))
    };
    (0..length)
        .map(|at| (noise.sample() * shape(at) * BREATH * 32768.0) as i16)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decibels(samples: &[i16]) -> f64 {
        let power: f64 = samples
            .iter()
            .map(|s| (f64::from(*s) / 32768.0).powi(2))
            .sum();
        10.0 * (power / samples.len() as f64).log10()
    }

    #[test]
    fn the_room_is_heard_but_hardly() {
        for rate in [8_000, 24_000] {
            let mut frame = vec![0; rate as usize * 4];
            tone(1, rate)(&mut frame);
            let loudness = decibels(&frame);
            assert!((-60.0..=-54.0).contains(&loudness), "{loudness} at {rate}");
        }
    }

    #[test]
    fn a_breath_is_short_and_quiet() {
        for rate in [8_000, 24_000] {
            let breath = breath(1, rate);
            let loudness = decibels(&breath);
            assert!((-56.0..=-46.0).contains(&loudness), "{loudness} at {rate}");
        }
    }
}
