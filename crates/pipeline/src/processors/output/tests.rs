//! The output with a real playback, tick by tick.

use super::*;
use crate::processor::mailbox;
use crate::testing::{context, http, ms, settings};
use std::time::Duration;

const TURN: TurnId = TurnId(1);
const TICK: usize = 480;

struct Call {
    link: TransportOutput,
    context: Context,
    clips: Clips,
    playback: Arc<Playback>,
    mail: mpsc::Receiver<(usize, Frame)>,
    output: mpsc::Receiver<Output>,
}

impl Call {
    fn new() -> Self {
        let playback = Arc::new(Playback::new(24_000));
        let (mailbox, mail) = mailbox(64);
        playback.attach(mailbox);
        let (sender, output) = mpsc::channel(8);
        // Nobody listens there: clips are what a test puts.
        let settings = crate::CallSettings {
            tts_url: "http://127.0.0.1:9".into(),
            ..settings()
        };
        let clips = Clips::default().prepare(&Arc::new(settings), &http());
        let link = TransportOutput::new(playback.clone(), clips.clone(), sender);
        let context = context();
        Call {
            link,
            context,
            clips,
            playback,
            mail,
            output,
        }
    }

    fn sees(&mut self, frame: Frame) -> Vec<Frame> {
        self.link.process(frame, Way::Down, &mut self.context);
        self.sent()
    }

    fn speaks(&mut self, turn: TurnId, ticks: usize) -> Vec<Frame> {
        let samples = vec![1000; TICK * ticks].into();
        self.sees(Frame::Speech { turn, samples })
    }

    /// A tick of the transport; what it played and what was sent.
    fn tick(&mut self) -> (i16, Vec<Frame>) {
        let mut frame = [0; TICK];
        self.playback.take(&mut frame);
        self.context.now += Duration::from_millis(20);
        let (_, played) = self.mail.try_recv().expect("told");
        self.link.arrived(played, &mut self.context);
        if self.link.wake_at().is_some_and(|at| at <= self.context.now) {
            self.link.wake(&mut self.context);
        }
        (frame[TICK / 2], self.sent())
    }

    fn ticks(&mut self, count: usize) -> Vec<Frame> {
        (0..count).flat_map(|_| self.tick().1).collect()
    }

    /// What went down, but for what was played.
    fn sent(&mut self) -> Vec<Frame> {
        let sent = self.context.take_sent().into_iter();
        sent.filter(|(frame, way)| *way == Way::Down && !matches!(frame, Frame::Played { .. }))
            .map(|(frame, _)| frame)
            .collect()
    }

    fn fails(&mut self) {
        let (part, why) = (Part::Tts, "gone".to_owned());
        self.sees(Frame::Failed { part, why });
    }
}

#[tokio::test]
async fn an_answer_begins_with_its_first_sound_and_ends_with_its_last() {
    let mut call = Call::new();
    call.sees(Frame::AnswerStarted { turn: TURN });
    assert_eq!(call.speaks(TURN, 2), [Frame::Placed { turn: TURN, at: 0 }]);
    assert_eq!(call.speaks(TURN, 1), []);
    assert_eq!(call.tick().1, [Frame::BotStarted { turn: TURN }]);
    let ended = Frame::SpeechEnded { turn: TURN };
    assert_eq!(call.sees(ended.clone()), [ended]);
    assert_eq!(call.ticks(1), []);
    assert_eq!(call.ticks(1), [Frame::BotStopped { turn: TURN }]);
    assert_eq!(call.playback.underruns(), 0);
}

#[tokio::test]
async fn it_ends_when_the_caller_has_heard_it() {
    let mut call = Call::new();
    call.playback.set_latency(2 * TICK as u64);
    call.speaks(TURN, 1);
    call.sees(Frame::SpeechEnded { turn: TURN });
    assert_eq!(call.ticks(2), [Frame::BotStarted { turn: TURN }]);
    assert_eq!(call.ticks(1), [Frame::BotStopped { turn: TURN }]);
}

#[tokio::test]
async fn an_answer_without_sound_ends_too() {
    let mut call = Call::new();
    call.sees(Frame::AnswerStarted { turn: TURN });
    let ended = Frame::SpeechEnded { turn: TURN };
    let sent = call.sees(ended.clone());
    assert_eq!(sent, [ended, Frame::BotStopped { turn: TURN }]);
}

#[tokio::test]
async fn two_answers_follow_each_other() {
    let mut call = Call::new();
    let second = TurnId(2);
    call.speaks(TURN, 1);
    call.sees(Frame::SpeechEnded { turn: TURN });
    let at = TICK as u64;
    assert_eq!(call.speaks(second, 1), [Frame::Placed { turn: second, at }]);
    call.sees(Frame::SpeechEnded { turn: second });
    let expected = [
        Frame::BotStarted { turn: TURN },
        Frame::BotStopped { turn: TURN },
        Frame::BotStarted { turn: second },
        Frame::BotStopped { turn: second },
    ];
    assert_eq!(call.ticks(2), expected);
}

#[tokio::test]
async fn an_interruption_is_silence_within_a_tick_and_the_end_of_the_answer() {
    let mut call = Call::new();
    call.speaks(TURN, 50);
    call.ticks(2);
    let sent = call.sees(Frame::Interrupt);
    assert_eq!(sent, [Frame::Interrupt, Frame::BotStopped { turn: TURN }]);
    assert_eq!(call.output.try_recv(), Ok(Output::Clear));
    assert_eq!(call.tick().0, 0);
    assert_eq!(call.playback.underruns(), 0, "that is none");
}

#[tokio::test]
async fn what_is_held_goes_on_where_it_was_and_never_waits_for_long() {
    let mut call = Call::new();
    call.speaks(TURN, 400);
    call.ticks(2);
    call.sees(Frame::Hold);
    call.ticks(1);
    assert_eq!(call.tick().0, 0);
    call.sees(Frame::Release);
    assert_eq!(call.tick().0, 1000);
    call.sees(Frame::Hold);
    call.ticks(201);
    assert_eq!(call.tick().0, 1000, "nobody released it");
    assert_eq!(call.playback.underruns(), 0);
}

#[tokio::test]
async fn running_dry_is_counted_in_the_middle_of_an_answer_only() {
    let mut call = Call::new();
    call.ticks(5);
    call.speaks(TURN, 1);
    call.ticks(4);
    assert_eq!(call.playback.underruns(), 3);
    call.sees(Frame::SpeechEnded { turn: TURN });
    call.ticks(5);
    assert_eq!(call.playback.underruns(), 3);
}

#[tokio::test]
async fn without_synthesis_a_clip_apologises_once_when_nothing_else_is_heard() {
    let mut call = Call::new();
    call.clips.put(Clip::Apology, &[500; TICK * 2]);
    call.fails();
    call.ticks(3);
    assert_eq!(call.tick().0, 0, "nothing is due");
    call.speaks(TURN, 2);
    call.fails();
    let heard: Vec<i16> = (0..100).map(|_| call.tick().0).collect();
    assert_eq!(heard[..3], [1000, 1000, 0]);
    let apology = heard.iter().position(|sample| *sample == 500);
    assert_eq!(apology, Some(52), "a second later");
    assert_eq!(heard.iter().filter(|sample| **sample == 500).count(), 2);
}

#[tokio::test]
async fn when_synthesis_does_not_come_back_the_call_ends_with_words() {
    let mut call = Call::new();
    call.clips.put(Clip::Failure, &[500; TICK]);
    call.context.last_turn = TURN;
    call.sees(Frame::AnswerStarted { turn: TURN });
    call.fails();
    let sent = call.ticks(15 * 50 + 3);
    let turn = TurnId(2);
    let expected = [
        Frame::End(EndReason::Failed),
        Frame::AnswerStarted { turn },
        Frame::Phrase(Phrase {
            turn,
            text: Wording::of("en").failure.clone(),
            spoken: None,
        }),
        Frame::Placed { turn, at: 0 },
        Frame::SpeechEnded { turn },
        Frame::BotStarted { turn },
        Frame::BotStopped { turn },
    ];
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn without_clips_it_ends_as_well() {
    let mut call = Call::new();
    call.sees(Frame::AnswerStarted { turn: TURN });
    call.fails();
    let sent = call.ticks(15 * 50 + 3);
    let expected = [
        Frame::End(EndReason::Failed),
        Frame::BotStopped { turn: TURN },
    ];
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn synthesis_that_comes_back_is_forgiven() {
    let mut call = Call::new();
    call.sees(Frame::AnswerStarted { turn: TURN });
    call.fails();
    call.ticks(100);
    call.sees(Frame::Recovered(Part::Tts));
    assert_eq!(call.ticks(1000), []);
    assert!(call.context.now > ms(20_000));
}

#[tokio::test]
async fn an_outage_that_keeps_nobody_waiting_wakes_nobody() {
    let mut call = Call::new();
    call.sees(Frame::AnswerStarted { turn: TURN });
    call.fails();
    assert!(call.link.wake_at().is_some());
    call.sees(Frame::Interrupt);
    call.link.wake(&mut call.context);
    assert_eq!(call.link.wake_at(), None);
}
