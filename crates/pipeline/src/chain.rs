//! The links of a call and the frames between them.
//!
//! Everything of a call that takes no waiting happens here, in one task, in an order that only
//! depends on the order of what comes in. So there are no queues between links that an
//! interruption would have to empty: what is on its way is in [`Chain::data`] for an instant, and
//! what the tasks of STT, LLM and TTS still send carries the id of an answer that is void.

use crate::event::CallEvent;
use crate::frame::{EndReason, Frame, Time};
use crate::processor::{Context, Processor, Way};
use crate::turn::{Due, Turns};
use std::collections::VecDeque;

/// See the module.
pub struct Chain {
    links: Vec<Box<dyn Processor>>,
    context: Context,
    turns: Turns,
    system: VecDeque<Hop>,
    data: VecDeque<Hop>,
    ended: Option<EndReason>,
}

/// A frame in front of a link.
struct Hop {
    frame: Frame,
    way: Way,
    link: usize,
}

impl Chain {
    /// Links from the caller's sound down to ours.
    pub fn new(links: Vec<Box<dyn Processor>>, context: Context) -> Self {
        Chain {
            links,
            context,
            turns: Turns::new(),
            system: VecDeque::new(),
            data: VecDeque::new(),
            ended: None,
        }
    }

    /// What the links share.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Takes what the links told whoever follows the call.
    pub fn take_told(&mut self) -> Vec<CallEvent> {
        self.context.take_told()
    }

    /// Why the call ended, if it did.
    pub fn ended(&self) -> Option<EndReason> {
        self.ended
    }

    /// A frame comes in at the top.
    pub fn push(&mut self, frame: Frame, now: Time) {
        self.context.now = now;
        self.context.down(frame);
        self.collect(None);
        self.run();
    }

    /// A frame comes from the task of a link.
    pub fn arrived(&mut self, link: usize, frame: Frame, now: Time) {
        self.context.now = now;
        if frame.turn().is_some_and(|turn| self.context.is_void(turn)) {
            return;
        }
        if let Some(processor) = self.links.get_mut(link) {
            processor.arrived(frame, &mut self.context);
            self.collect(Some(link));
            self.run();
        }
    }

    /// When [`Chain::wake`] is to be called.
    pub fn wake_at(&self) -> Option<Time> {
        let links = self.links.iter().filter_map(|link| link.wake_at());
        links.chain(self.turns.deadline()).min()
    }

    /// Wakes the links whose time has come.
    pub fn wake(&mut self, now: Time) {
        self.context.now = now;
        for link in 0..self.links.len() {
            if self.links[link].wake_at().is_some_and(|at| at <= now) {
                self.links[link].wake(&mut self.context);
                self.collect(Some(link));
                self.run();
            }
        }
        if let Some(due) = self.turns.overdue(now) {
            self.due(due);
            self.run();
        }
        self.note_state();
    }

    fn run(&mut self) {
        while let Some(hop) = self.system.pop_front().or_else(|| self.data.pop_front()) {
            let Some(processor) = self.links.get_mut(hop.link) else {
                continue;
            };
            processor.process(hop.frame, hop.way, &mut self.context);
            self.collect(Some(hop.link));
        }
        self.note_state();
    }

    /// Takes what a link sent (none: what comes from outside) and puts it before the next one.
    fn collect(&mut self, from: Option<usize>) {
        for (frame, way) in std::mem::take(&mut self.context.sent) {
            let due = self.turns.see(&frame, self.context.now);
            self.look(&frame);
            let link = match (from, way) {
                (None, _) => Some(0),
                (Some(from), Way::Down) => Some(from + 1),
                (Some(from), Way::Up) => from.checked_sub(1),
            };
            if let Some(link) = link {
                let void = frame.turn().is_some_and(|turn| self.context.is_void(turn));
                let hop = Hop { frame, way, link };
                match hop.frame.is_system() {
                    true => self.system.push_back(hop),
                    false if !void => self.data.push_back(hop),
                    false => {}
                }
            }
            if let Some(due) = due {
                self.due(due);
            }
        }
    }

    fn look(&mut self, frame: &Frame) {
        self.context.said.see(frame, self.context.now);
        // Whoever takes the frame sees the state that it leads to.
        self.note_state();
        match frame {
            Frame::Interrupt if !self.context.is_void(self.context.last_turn) => {
                self.context.void = self.context.last_turn;
                let void = self.context.void;
                self.data
                    .retain(|hop| hop.frame.turn().is_none_or(|turn| turn > void));
            }
            Frame::HangUp(reason) => {
                self.ended.get_or_insert(*reason);
            }
            _ => {}
        }
    }

    fn due(&mut self, due: Due) {
        let frame = match due {
            Due::HangUp(reason) if self.ended.is_none() => {
                self.ended = Some(reason);
                Frame::HangUp(reason)
            }
            Due::HangUp(_) => return,
            Due::Stuck(part) => Frame::Failed {
                part,
                why: "nothing came of it in time".into(),
            },
        };
        self.system.push_back(Hop {
            frame,
            way: Way::Down,
            link: 0,
        });
    }

    fn note_state(&mut self) {
        let state = self.turns.state();
        if state != self.context.state {
            self.context.state = state;
            self.context.tell(CallEvent::State { state });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Phrase, TurnId};
    use crate::settings::CallSettings;
    use std::sync::{Arc, Mutex};

    type Seen = Arc<Mutex<Vec<Frame>>>;

    /// Notes what comes by.
    struct Witness(Seen);

    impl Processor for Witness {
        fn name(&self) -> &'static str {
            "witness"
        }

        fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
            self.0.lock().unwrap().push(frame.clone());
            context.pass(frame, way);
        }
    }

    /// Answers a developer's word with a phrase, and then with what the word says.
    struct Speaks(fn(&mut Context));

    impl Processor for Speaks {
        fn name(&self) -> &'static str {
            "speaks"
        }

        fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
            match frame {
                Frame::Developer(_) => (self.0)(context),
                frame => context.pass(frame, way),
            }
        }
    }

    fn phrase(turn: TurnId) -> Frame {
        Frame::Phrase(Phrase {
            turn,
            text: "One.".into(),
            spoken: None,
        })
    }

    fn chain(speaks: fn(&mut Context)) -> (Chain, Seen, Seen) {
        let (above, below) = (Seen::default(), Seen::default());
        let links: Vec<Box<dyn Processor>> = vec![
            Box::new(Witness(above.clone())),
            Box::new(Speaks(speaks)),
            Box::new(Witness(below.clone())),
        ];
        let context = Context::new(Arc::new(CallSettings::default()));
        (Chain::new(links, context), above, below)
    }

    #[test]
    fn frames_go_down_up_and_both_ways() {
        let (mut chain, above, below) = chain(|context| {
            context.up(Frame::Say("up".into()));
            context.both(Frame::Recovered(crate::Part::Llm));
        });
        chain.push(Frame::Developer(String::new()), Time::ZERO);
        let names = |seen: &Seen| seen.lock().unwrap().len();
        assert_eq!((names(&above), names(&below)), (3, 1));
    }

    #[test]
    fn system_frames_overtake() {
        let (mut chain, _, below) = chain(|context| {
            let turn = context.new_turn();
            context.down(phrase(turn));
            context.down(Frame::Hold);
        });
        chain.push(Frame::Developer(String::new()), Time::ZERO);
        assert_eq!(below.lock().unwrap()[0], Frame::Hold);
        assert_eq!(below.lock().unwrap().len(), 2);
    }

    #[test]
    fn nothing_of_an_interrupted_answer_arrives() {
        let (mut chain, _, below) = chain(|context| {
            let turn = context.new_turn();
            context.down(phrase(turn));
            context.down(Frame::Interrupt);
            context.down(phrase(turn));
        });
        chain.push(Frame::Developer(String::new()), Time::ZERO);
        // Neither from its own task, late.
        chain.arrived(1, phrase(TurnId(1)), Time::ZERO);
        assert_eq!(*below.lock().unwrap(), [Frame::Interrupt]);
        chain.arrived(1, phrase(TurnId(2)), Time::ZERO);
        assert_eq!(below.lock().unwrap().len(), 2);
    }

    #[test]
    fn hanging_up_ends_the_call_and_everybody_hears_of_it() {
        let (mut chain, above, below) = chain(|_| {});
        chain.push(Frame::End(EndReason::HungUp), Time::ZERO);
        assert_eq!(chain.ended(), Some(EndReason::HungUp));
        let hung_up = Frame::HangUp(EndReason::HungUp);
        assert!(above.lock().unwrap().contains(&hung_up));
        assert!(below.lock().unwrap().contains(&hung_up));
    }
}
