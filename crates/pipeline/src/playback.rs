//! What is about to be played, shared by the chain that fills it and the transport that takes from
//! it at the pace of its clock.

use crate::frame::{Frame, Sound};
use crate::processor::Mailbox;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Fades last the 200th part of a second.
const FADES: u32 = 200;
/// Sounds beside answers that may wait, in seconds.
const MOST_CLIPS: u32 = 10;
/// Ticks that are remembered, to know what was heard by now.
const MOST_TICKS: usize = 1000;

/// Makes the sound between the words: room tone.
pub type Tone = Box<dyn FnMut(&mut [i16]) + Send>;

/// See the module.
pub struct Playback {
    state: Mutex<State>,
    rate: u32,
    ramp: usize,
}

#[derive(Default)]
struct State {
    speech: VecDeque<i16>,
    clips: VecDeque<i16>,
    /// Samples of speech taken so far.
    spoken: u64,
    /// Of these, surely heard.
    heard: u64,
    /// Samples taken so far, silence included.
    clock: u64,
    /// Samples between their being taken and being heard.
    latency: u64,
    /// `clock` and `spoken` after each of the last ticks, as far back as `latency` reaches.
    ticks: VecDeque<(u64, u64)>,
    is_held: bool,
    was_playing: bool,
    /// An answer sounds that has not been made to its end.
    is_expecting: bool,
    underruns: u64,
    tone: Option<Tone>,
    listener: Option<Mailbox>,
    missed: u64,
}

impl State {
    /// Speech that was taken at least `latency` ago.
    fn update_heard(&mut self) {
        let until = self.clock.saturating_sub(self.latency);
        while let Some(&(clock, spoken)) = self.ticks.front() {
            if clock > until && self.ticks.len() <= MOST_TICKS {
                break;
            }
            self.heard = self.heard.max(spoken);
            self.ticks.pop_front();
        }
    }

    /// Fills the frame with speech; how many samples.
    fn take_speech(&mut self, frame: &mut [i16], ramp: usize) -> usize {
        let count = self.speech.len().min(frame.len());
        let begins = !self.was_playing;
        // Too little: whatever comes later, it does not break off with a click.
        let ends = count < frame.len();
        for (at, sample) in self.speech.drain(..count).enumerate() {
            let mut sample = sample;
            if begins {
                sample = faded(sample, at + 1, ramp);
            }
            if ends {
                sample = faded(sample, count - at, ramp);
            }
            frame[at] = frame[at].saturating_add(sample);
        }
        self.spoken += count as u64;
        self.was_playing = !ends;
        count
    }

    /// What is next fades out without being taken: it is played again when it goes on.
    fn fade_out(&mut self, frame: &mut [i16], ramp: usize) {
        if std::mem::replace(&mut self.was_playing, false) {
            let left = ramp.min(self.speech.len()).min(frame.len());
            for (at, sample) in self.speech.iter().take(left).enumerate() {
                frame[at] = frame[at].saturating_add(faded(*sample, left - at, left));
            }
        }
    }
}

impl Playback {
    /// Nothing to play yet.
    pub fn new(rate: u32) -> Self {
        Playback {
            state: Mutex::new(State::default()),
            rate,
            ramp: (rate / FADES) as usize,
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

    /// Whether an answer sounds that has more to come, so that having nothing to play is a fault.
    pub fn expect(&self, is_expecting: bool) {
        self.lock().is_expecting = is_expecting;
    }

    /// Plays a short sound; speech that waits comes after it.
    pub fn clip(&self, samples: &[i16]) {
        let mut state = self.lock();
        if state.clips.len() + samples.len() <= (self.rate * MOST_CLIPS) as usize {
            state.clips.extend(samples);
        }
    }

    /// Forgets what waits; what sounds fades out.
    pub fn clear(&self) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let ramp = if state.was_playing { self.ramp } else { 0 };
        fade_rest(&mut state.speech, ramp);
        fade_rest(&mut state.clips, self.ramp);
        state.is_held = false;
        state.is_expecting = false;
    }

    /// Keeps still from now on, or goes on.
    pub fn hold(&self, is_held: bool) {
        self.lock().is_held = is_held;
    }

    /// Samples of speech that wait.
    pub fn waiting(&self) -> u64 {
        self.lock().speech.len() as u64
    }

    /// Whether nothing waits, clips included.
    pub fn is_still(&self) -> bool {
        let state = self.lock();
        state.speech.is_empty() && state.clips.is_empty()
    }

    /// Samples of speech that the caller has surely heard.
    pub fn heard(&self) -> u64 {
        self.lock().heard
    }

    /// Ticks at which an answer had nothing to play though more of it was to come.
    pub fn underruns(&self) -> u64 {
        self.lock().underruns
    }

    /// Ticks of which the chain was not told, because it was far behind.
    pub fn missed(&self) -> u64 {
        self.lock().missed
    }

    /// Fills the next frame; called by the transport, once a tick.
    pub fn take(&self, frame: &mut [i16]) {
        let mut guard = self.lock();
        let state = &mut *guard;
        frame.fill(0);
        if let Some(tone) = &mut state.tone {
            tone(frame);
        }
        let clip = state.clips.len().min(frame.len());
        if state.is_held || clip > 0 {
            state.fade_out(frame, self.ramp);
        } else if state.take_speech(frame, self.ramp) < frame.len() && state.is_expecting {
            state.underruns += 1;
        }
        for (at, sample) in state.clips.drain(..clip).enumerate() {
            frame[at] = frame[at].saturating_add(sample);
        }
        let at = state.clock;
        state.clock += frame.len() as u64;
        state.ticks.push_back((state.clock, state.spoken));
        state.update_heard();
        let played = Frame::Played {
            sound: Sound {
                samples: (&*frame).into(),
                at,
            },
            spoken: state.spoken,
            heard: state.heard,
        };
        if let Some(listener) = &state.listener
            && !listener.try_send(played)
        {
            state.missed += 1;
        }
    }
}

/// Keeps so many samples, fading.
fn fade_rest(samples: &mut VecDeque<i16>, ramp: usize) {
    samples.truncate(ramp);
    let left = samples.len();
    for (at, sample) in samples.iter_mut().enumerate() {
        *sample = faded(*sample, left - at, left);
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
        assert_eq!(frame[120], 0);
        assert_eq!(playback.waiting(), 0);
    }

    #[test]
    fn what_the_line_still_carries_is_heard_later() {
        let playback = Playback::new(24_000);
        playback.set_latency(960);
        playback.push(&[1000; 480]);
        let mut frame = [0; 480];
        for heard in [0, 0, 480, 480] {
            playback.take(&mut frame);
            assert_eq!(playback.heard(), heard);
        }
    }

    #[test]
    fn running_dry_is_counted_while_more_is_to_come_and_does_not_click() {
        let playback = Playback::new(24_000);
        playback.push(&[1000; 700]);
        playback.expect(true);
        let mut frame = [0; 480];
        playback.take(&mut frame);
        assert_eq!(playback.underruns(), 0);
        playback.take(&mut frame);
        assert!(frame[219] < 20 && frame[50] == 1000);
        assert_eq!(playback.underruns(), 1);
        playback.hold(true);
        playback.take(&mut frame);
        playback.hold(false);
        playback.expect(false);
        playback.take(&mut frame);
        assert_eq!(playback.underruns(), 1);
    }

    #[test]
    fn speech_waits_for_a_clip() {
        let playback = Playback::new(8_000);
        playback.clip(&[500; 200]);
        playback.push(&[1000; 320]);
        let mut frame = [0; 160];
        let mut heard = Vec::new();
        for _ in 0..3 {
            playback.take(&mut frame);
            heard.push((frame[0], frame[159], playback.waiting()));
        }
        assert_eq!(heard, [(500, 500, 320), (500, 0, 320), (25, 1000, 160)]);
    }
}
