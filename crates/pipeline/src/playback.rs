//! What is about to be played, shared by the chain that fills it and the transport that takes from
//! it at the pace of its clock.

use crate::frame::{Frame, Sound};
use crate::processor::Mailbox;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Samples over which sound fades when it is cut: 5 ms at 24 kHz.
const RAMP: usize = 120;

/// Makes the sound between the words: room tone.
pub type Tone = Box<dyn FnMut(&mut [i16]) + Send>;

/// See the module.
pub struct Playback {
    state: Mutex<State>,
    rate: u32,
}

struct State {
    speech: VecDeque<i16>,
    clips: VecDeque<i16>,
    /// Samples of speech taken so far.
    spoken: u64,
    /// Samples taken so far, silence included.
    clock: u64,
    /// Samples between their being taken and being heard.
    latency: u64,
    is_held: bool,
    was_playing: bool,
    tone: Option<Tone>,
    listener: Option<Mailbox>,
    missed: u64,
}

impl Playback {
    /// Nothing to play yet.
    pub fn new(rate: u32) -> Self {
        Playback {
            state: Mutex::new(State {
                speech: VecDeque::new(),
                clips: VecDeque::new(),
                spoken: 0,
                clock: 0,
                latency: 0,
                is_held: false,
                was_playing: false,
                tone: None,
                listener: None,
                missed: 0,
            }),
            rate,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Samples a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Who is told what was played.
    pub fn attach(&self, listener: Mailbox) {
        self.lock().listener = Some(listener);
    }

    /// What stands between the words instead of silence.
    pub fn set_tone(&self, tone: Option<Tone>) {
        self.lock().tone = tone;
    }

    /// Samples between their being taken and being heard by the caller, as the transport knows it.
    pub fn set_latency(&self, samples: u64) {
        self.lock().latency = samples;
    }

    /// Appends speech. The position of its first sample on the clock of speech.
    pub fn push(&self, samples: &[i16]) -> u64 {
        let mut state = self.lock();
        let at = state.spoken + state.speech.len() as u64;
        state.speech.extend(samples);
        at
    }

    /// Plays a short sound over whatever is played.
    pub fn clip(&self, samples: &[i16]) {
        let mut state = self.lock();
        state.clips.clear();
        state.clips.extend(samples);
    }

    /// Forgets what waits; what sounds fades out.
    pub fn clear(&self) {
        let mut state = self.lock();
        let ramp = if state.was_playing { RAMP } else { 0 };
        state.speech.truncate(ramp);
        let left = state.speech.len();
        for (at, sample) in state.speech.iter_mut().enumerate() {
            *sample = faded(*sample, left - at, left);
        }
        state.clips.clear();
        state.is_held = false;
    }

    /// Keeps still from now on, or goes on.
    pub fn hold(&self, is_held: bool) {
        self.lock().is_held = is_held;
    }

    /// Samples of speech that wait.
    pub fn waiting(&self) -> u64 {
        self.lock().speech.len() as u64
    }

    /// Samples of speech that the caller has surely heard.
    pub fn heard(&self) -> u64 {
        let state = self.lock();
        state.spoken.saturating_sub(state.latency)
    }

    /// Fills the next frame; called by the transport, once a tick.
    pub fn take(&self, frame: &mut [i16]) {
        let mut guard = self.lock();
        let state = &mut *guard;
        frame.fill(0);
        if let Some(tone) = &mut state.tone {
            tone(frame);
        }
        if state.is_held {
            if state.was_playing {
                // What is next fades out, and is played again when it goes on.
                let left = RAMP.min(state.speech.len()).min(frame.len());
                for (at, sample) in state.speech.iter().take(left).enumerate() {
                    frame[at] = frame[at].saturating_add(faded(*sample, left - at, left));
                }
            }
            state.was_playing = false;
        } else {
            let count = state.speech.len().min(frame.len());
            let begins = !state.was_playing;
            for (at, sample) in state.speech.drain(..count).enumerate() {
                let sample = if begins {
                    faded(sample, at + 1, RAMP)
                } else {
                    sample
                };
                frame[at] = frame[at].saturating_add(sample);
            }
            state.spoken += count as u64;
            state.was_playing = count == frame.len();
        }
        let clip = state.clips.len().min(frame.len());
        for (at, sample) in state.clips.drain(..clip).enumerate() {
            frame[at] = frame[at].saturating_add(sample);
        }
        let played = Frame::Played {
            sound: Sound {
                samples: (&*frame).into(),
                at: state.clock,
            },
            spoken: state.spoken,
            heard: state.spoken.saturating_sub(state.latency),
        };
        state.clock += frame.len() as u64;
        if let Some(listener) = &state.listener
            && !listener.try_send(played)
        {
            state.missed += 1;
        }
    }
}

fn faded(sample: i16, share: usize, of: usize) -> i16 {
    let share = share.min(of) as i32;
    (i32::from(sample) * share / of.max(1) as i32) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_played_in_full_when_it_goes_on() {
        let playback = Playback::new(24_000);
        playback.push(&[1000; 960]);
        let mut frame = [0; 480];
        playback.take(&mut frame);
        playback.hold(true);
        playback.take(&mut frame);
        assert!(
            frame[0] > 900 && frame[119] < 100 && frame[120] == 0,
            "it fades"
        );
        playback.take(&mut frame);
        assert_eq!(frame, [0; 480]);
        playback.hold(false);
        playback.take(&mut frame);
        assert_eq!(frame[200], 1000);
        assert_eq!((playback.waiting(), playback.heard()), (0, 960));
    }

    #[test]
    fn what_is_cleared_is_not_played() {
        let playback = Playback::new(24_000);
        playback.push(&[1000; 4800]);
        let mut frame = [0; 480];
        playback.take(&mut frame);
        playback.clear();
        playback.take(&mut frame);
        assert_eq!(frame[RAMP], 0);
        assert_eq!(playback.waiting(), 0);
    }
}
