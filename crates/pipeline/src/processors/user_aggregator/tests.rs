//! Turns and interruptions, with the turn machine of a real chain and virtual time.

use super::*;
use crate::chain::Chain;
use crate::event::Segment;
use crate::frame::{Sound, TurnId};
use crate::settings::CallSettings;
use crate::testing::{ms, settings};
use llm::Message;
use std::sync::{Arc, Mutex};

/// Notes what comes out below.
struct Below(Arc<Mutex<Vec<Frame>>>);

impl Processor for Below {
    fn name(&self) -> &'static str {
        "below"
    }

    fn process(&mut self, frame: Frame, _: Way, context: &mut Context) {
        if matches!(frame, Frame::UserTurn(_)) {
            context.new_turn();
        }
        self.0.lock().unwrap().push(frame);
    }
}

struct Call {
    chain: Chain,
    below: Arc<Mutex<Vec<Frame>>>,
}

const BOT: TurnId = TurnId(1);

impl Call {
    fn new(change: impl FnOnce(&mut CallSettings)) -> Call {
        let mut settings = settings();
        settings.options.think_ahead = false;
        change(&mut settings);
        let below = Arc::default();
        let links: Vec<Box<dyn Processor>> = vec![
            Box::new(UserAggregator::new()),
            Box::new(Below(Arc::clone(&below))),
        ];
        let chain = Chain::new(links, Context::new(Arc::new(settings)));
        Call { chain, below }
    }

    /// A frame at a time; what was due until then happens first. What came out of it.
    fn at(&mut self, now: u64, frame: Frame) -> Vec<Frame> {
        let before = self.until(now);
        assert_eq!(before, [], "before {now}: {frame:?}");
        self.chain.push(frame, ms(now));
        self.out()
    }

    /// Time goes by.
    fn until(&mut self, now: u64) -> Vec<Frame> {
        while let Some(at) = self.chain.wake_at().filter(|at| *at <= ms(now)) {
            self.chain.wake(at);
        }
        self.out()
    }

    fn out(&self) -> Vec<Frame> {
        let mut out = std::mem::take(&mut *self.below.lock().unwrap());
        out.retain(|frame| *frame != Frame::EndOfTurn);
        out
    }

    /// The caller said something, a second until `end`, and is done.
    fn turn(&mut self, end: u64, text: &str) -> Vec<Frame> {
        self.at(end, said(text, end - 1000, end));
        self.at(end, Frame::EndOfTurn)
    }

    /// We have been asked something and speak.
    fn speaking(change: impl FnOnce(&mut CallSettings)) -> Call {
        let mut call = Call::new(change);
        call.turn(1000, "Tell me about your rooms.");
        call.at(1500, Frame::BotStarted { turn: BOT });
        call
    }

    fn segments(&mut self) -> Vec<Segment> {
        let told = self.chain.take_told().into_iter();
        told.filter_map(|event| match event {
            CallEvent::Segment { segment } => Some(segment),
            _ => None,
        })
        .collect()
    }

    fn dialogue(&self) -> Vec<String> {
        let messages = self.chain.context().dialogue.messages().iter();
        messages
            .map(|message| match message {
                Message::User(text) => format!("user: {text}"),
                Message::Developer(text) => format!("developer: {text}"),
                other => format!("{other:?}"),
            })
            .collect()
    }
}

fn utterance(text: &str, start: u64, end: u64) -> Utterance {
    Utterance {
        text: text.into(),
        start: ms(start),
        end: ms(end),
        confidence: Some(0.9),
        is_complete: true,
        ..Utterance::default()
    }
}

fn said(text: &str, start: u64, end: u64) -> Frame {
    Frame::Final(utterance(text, start, end))
}

fn saying(text: &str, start: u64, end: u64) -> Frame {
    Frame::Interim(utterance(text, start, end))
}

fn began(at: u64) -> Frame {
    Frame::SpeechStarted { at: ms(at) }
}

fn paused(at: u64) -> Frame {
    Frame::SpeechPaused { at: ms(at) }
}

/// The turns among frames: their text, and whether they go on.
fn turns(frames: &[Frame]) -> Vec<(&str, bool)> {
    let turns = frames.iter().filter_map(|frame| match frame {
        Frame::UserTurn(turn) => Some((turn.text.as_str(), turn.goes_on)),
        _ => None,
    });
    turns.collect()
}

#[test]
fn utterances_until_the_end_of_a_turn_are_a_turn() {
    let mut call = Call::new(|_| {});
    call.at(900, Frame::Developer("The caller sounds sad.".into()));
    assert_eq!(call.at(1000, said("Two tickets and", 0, 1000)), []);
    call.at(2900, said("a seat.", 2000, 2900));
    let out = call.at(2900, Frame::EndOfTurn);
    assert_eq!(turns(&out), [("Two tickets and a seat.", false)]);
    assert_eq!(
        call.dialogue(),
        [
            "developer: The caller sounds sad.",
            "user: Two tickets and a seat."
        ]
    );
    let segments = call.segments();
    assert_eq!(segments.len(), 1);
    assert_eq!((segments[0].start, segments[0].end), (0.0, 2.9));
}

#[test]
fn who_says_more_while_we_think_has_it_answered_together() {
    let mut call = Call::new(|_| {});
    call.turn(1000, "I need a room.");
    assert_eq!(call.at(1600, began(1500)), [began(1500), Frame::Hold]);
    let out = call.at(2100, saying("For two", 1500, 2050));
    assert_eq!(out, [Frame::Interrupt]);
    assert_eq!(call.chain.context().state(), TurnState::Interrupted);
    call.at(2500, said("For two people.", 1500, 2400));
    let out = call.at(2500, Frame::EndOfTurn);
    assert_eq!(turns(&out), [("I need a room. For two people.", true)]);
    assert_eq!(call.dialogue(), ["user: I need a room. For two people."]);
    let texts: Vec<String> = call.segments().into_iter().map(|s| s.text).collect();
    assert_eq!(texts, ["I need a room.", "For two people."]);
}

#[test]
fn a_noise_while_we_think_only_keeps_us_still() {
    let mut call = Call::new(|_| {});
    call.turn(1000, "I need a room.");
    call.at(1600, began(1500));
    call.at(1800, paused(1700));
    assert_eq!(call.at(2200, said("", 1700, 1700)), [Frame::Release]);
}

#[test]
fn words_that_are_taken_back_leave_the_question_to_be_answered() {
    let mut call = Call::new(|_| {});
    call.turn(1000, "I need a room.");
    call.at(1600, began(1500));
    assert_eq!(call.at(2100, saying("The", 1500, 2050)), [Frame::Interrupt]);
    let out = call.at(2500, said("", 2100, 2100));
    assert_eq!(turns(&out), [("I need a room.", true)]);
    assert_eq!(call.dialogue(), ["user: I need a room."]);
    assert_eq!(call.chain.context().state(), TurnState::Thinking);
}

#[test]
fn an_interruption_is_still_after_300_ms_and_void_with_the_first_words() {
    let mut call = Call::speaking(|_| {});
    assert_eq!(call.at(3150, began(3000)), [began(3000)]);
    assert_eq!(call.until(3299), []);
    assert_eq!(call.until(3300), [Frame::Hold]);
    let out = call.at(3700, saying("Wait, I", 3000, 3650));
    assert_eq!(out, [Frame::Interrupt]);
    call.at(4500, said("Wait, I mean tomorrow.", 3000, 4200));
    let out = call.at(4500, Frame::EndOfTurn);
    assert_eq!(turns(&out), [("Wait, I mean tomorrow.", false)]);
}

#[test]
fn an_acknowledgement_and_a_cough_let_us_go_on() {
    let mut call = Call::speaking(|_| {});
    call.segments();
    call.at(3150, began(3000));
    assert_eq!(call.until(3400), [Frame::Hold]);
    assert_eq!(
        call.at(3500, saying("Uh-huh.", 3000, 3450)),
        [Frame::Release]
    );
    assert_eq!(call.at(3900, said("Uh-huh.", 3000, 3450)), []);
    assert_eq!(call.at(3900, Frame::EndOfTurn), []);
    assert_eq!(call.until(8000), []);
    assert_eq!(call.segments().len(), 1, "for the record");

    call.at(8150, began(8000));
    assert_eq!(call.until(9000), [Frame::Hold]);
    assert_eq!(call.until(10_000), [Frame::Release], "no words came");
    assert_eq!(call.at(10_100, said("", 10_000, 10_000)), []);
}

#[test]
fn a_yes_over_our_last_words_is_an_answer() {
    let mut call = Call::speaking(|_| {});
    call.at(3150, began(3000));
    call.at(3250, paused(3200));
    call.at(3500, said("Yes.", 3000, 3200));
    call.at(3500, Frame::EndOfTurn);
    let out = call.at(3800, Frame::BotStopped { turn: BOT });
    assert_eq!(turns(&out), [("Yes.", false)]);
    assert_eq!(call.chain.context().state(), TurnState::Thinking);
}

#[test]
fn our_own_echo_is_nobody() {
    let mut call = Call::speaking(|_| {});
    let turn = BOT;
    for (i, word) in "We have rooms from eighty euros.".split(' ').enumerate() {
        let from = i as u64 * 7200;
        let word = Frame::Word {
            turn,
            text: word.into(),
            from,
            to: from + 7200,
        };
        call.at(1500, word);
    }
    call.at(1500, Frame::Placed { turn, at: 0 });
    for now in (1500..3400).step_by(20) {
        let sound = Sound {
            samples: [].into(),
            at: 0,
        };
        let spoken = (now - 1500) * 24;
        call.at(
            now,
            Frame::Played {
                sound,
                spoken,
                heard: spoken,
            },
        );
    }
    call.at(3400, began(1700));
    assert_eq!(
        call.at(3410, saying("we have rooms", 1700, 2500)),
        [Frame::Release]
    );
    assert_eq!(call.at(3600, said("We have rooms from 80", 1700, 3200)), []);
    assert_eq!(call.at(3600, Frame::EndOfTurn), []);
    let stopped = Frame::BotStopped { turn };
    assert_eq!(call.at(3800, stopped.clone()), [stopped]);
}

#[test]
fn where_nobody_may_interrupt_words_wait_for_the_end_of_ours() {
    let mut call = Call::speaking(|settings| settings.options.interruptions = false);
    call.at(3150, began(3000));
    assert_eq!(call.until(3600), []);
    call.at(4500, said("And breakfast?", 3000, 4200));
    assert_eq!(call.at(4500, Frame::EndOfTurn), []);
    let out = call.at(9000, Frame::BotStopped { turn: BOT });
    assert_eq!(turns(&out), [("And breakfast?", false)]);
}

#[test]
fn who_speaks_when_our_answer_begins_is_not_talked_over() {
    let mut call = Call::new(|_| {});
    call.at(150, began(0));
    let out = call.at(600, Frame::BotStarted { turn: BOT });
    assert_eq!(out, [Frame::BotStarted { turn: BOT }, Frame::Hold]);
}

#[test]
fn a_pause_after_words_that_may_be_all_is_worth_a_guess_once() {
    let mut call = Call::new(|settings| settings.options.think_ahead = true);
    let guesses = |out: Vec<Frame>| -> Vec<String> {
        out.into_iter()
            .filter_map(|frame| match frame {
                Frame::Guess(turn) => Some(turn.text),
                _ => None,
            })
            .collect()
    };
    call.at(150, began(0));
    assert!(guesses(call.at(800, saying("I need a room", 0, 700))).is_empty());
    call.at(1100, paused(1000));
    assert!(guesses(call.at(1150, saying("I need a", 0, 1000))).is_empty());
    let words = "I need a room.";
    assert_eq!(guesses(call.at(1200, saying(words, 0, 1000))), [words]);
    assert!(guesses(call.at(1300, said(words, 0, 1000))).is_empty());
}

#[test]
fn keys_are_a_turn() {
    let mut call = Call::speaking(|_| {});
    for (i, key) in "1234".chars().enumerate() {
        call.at(3000 + i as u64, Frame::Dtmf(key));
    }
    let out = call.at(3100, Frame::Dtmf('#'));
    assert_eq!(turns(&out), [("[keys 1234]", false)]);
    assert!(out.contains(&Frame::Interrupt));
    assert_eq!(call.chain.context().state(), TurnState::Thinking);
}

#[test]
fn who_hangs_up_amid_a_turn_has_it_in_the_record() {
    let mut call = Call::new(|_| {});
    call.at(1000, said("By the way", 0, 1000));
    call.at(1200, Frame::HangUp(crate::EndReason::CallerHungUp));
    assert_eq!(call.segments().len(), 1);
}
