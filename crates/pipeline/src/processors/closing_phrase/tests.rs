//! What is a goodbye, and when the call ends after one.

use super::*;
use crate::frame::UserTurn;
use crate::processor::Context;
use crate::settings::CallSettings;
use crate::testing::{ms, settings};
use proptest::prelude::*;
use std::sync::Arc;

#[test]
fn goodbyes_of_nine_languages_are_known() {
    for text in [
        "Goodbye.",
        "Okay, thank you so much, bye!",
        "alright thanks bye bye",
        "Okay bye for now then.",
        "See you on Monday at five!",
        "Great. Have a nice day, Mr. Smith.",
        "No, that's all. Talk to you later.",
        "Take care.",
        "Bye-bye, Anna.",
        "Muchas gracias, hasta luego.",
        "Perfecto, que tenga un buen día. Adiós.",
        "Merci beaucoup, au revoir !",
        "D'accord, bonne journée à vous.",
        "Grazie mille, arrivederci.",
        "Va bene, ciao ciao.",
        "Obrigado, tchau!",
        "Até logo.",
        "Vielen Dank, auf Wiederhören.",
        "Alles klar, tschüss!",
        "Bis morgen!",
        "धन्यवाद, अलविदा।",
        "ठीक है, फिर मिलेंगे।",
        "好的，谢谢，再见。",
        "那就这样，拜拜啦！",
        "ありがとうございました。失礼いたします。",
        "じゃあ、さようなら",
    ] {
        assert!(is_farewell(text, CALLER), "{text}");
    }
    for (language, wording) in Wording::all() {
        assert!(is_farewell(&wording.farewell, CALLER), "{language}");
        assert!(is_farewell(&wording.goodbye, AGENT), "{language}");
        assert!(is_farewell(&wording.failure, AGENT), "{language}");
        assert!(!is_farewell(&wording.apology, AGENT), "{language}");
        assert!(!is_farewell(&wording.still_there, AGENT), "{language}");
    }
}

#[test]
fn a_goodbye_inside_a_sentence_that_goes_on_is_none() {
    for text in [
        "Before you say goodbye, one question about my order.",
        "Before you say goodbye.",
        "He never said bye.",
        "How do you say bye?",
        "See you on Monday?",
        "I would love to see you.",
        "I can see you have two appointments.",
        "Bye. Oh wait, when do you open on Sunday mornings",
        "Please take care of it.",
        "La oferta es válida hasta mañana.",
        "Ich brauche es bis morgen.",
        "C'est reporté à demain.",
        "Ciao.",
        "Guten Tag.",
        "नमस्ते।",
        "我不想说再见。",
        "突然のお電話失礼いたします。",
        "拜托了。",
        "Buy the bike.",
        "",
    ] {
        assert!(!is_farewell(text, CALLER), "{text}");
    }
}

#[test]
fn what_we_add_to_our_goodbye_does_not_undo_it() {
    let text = "Goodbye, and thank you for calling the Whissle clinic today.";
    assert!(is_farewell(text, AGENT));
    assert!(!is_farewell(
        "Goodbye! Or may I help you with anything else?",
        AGENT
    ));
}

struct Call {
    closing: ClosingPhrase,
    context: Context,
}

const TURN: TurnId = TurnId(7);

impl Call {
    fn new() -> Self {
        Call::with(settings())
    }

    fn with(settings: CallSettings) -> Self {
        Call {
            closing: ClosingPhrase::new(),
            context: Context::new(Arc::new(settings)),
        }
    }

    fn frame(&mut self, frame: Frame, way: Way) -> Vec<Frame> {
        self.closing.process(frame, way, &mut self.context);
        let sent = self.context.take_sent();
        sent.into_iter().map(|(frame, _)| frame).collect()
    }

    fn user(&mut self, text: &str) {
        let turn = UserTurn {
            text: text.into(),
            ..UserTurn::default()
        };
        self.frame(Frame::UserTurn(turn), Way::Down);
    }

    /// The phrases of an answer that come out.
    fn answer(&mut self, phrases: &[&str]) -> Vec<String> {
        let mut sent = self.frame(Frame::AnswerStarted { turn: TURN }, Way::Down);
        for text in phrases {
            let phrase = Phrase {
                turn: TURN,
                text: (*text).into(),
                spoken: None,
            };
            sent.extend(self.frame(Frame::Phrase(phrase), Way::Down));
        }
        sent.extend(self.frame(Frame::AnswerEnded { turn: TURN }, Way::Down));
        assert_eq!(sent.last(), Some(&Frame::AnswerEnded { turn: TURN }));
        let text = |frame| match frame {
            Frame::Phrase(phrase) => Some(phrase.text),
            _ => None,
        };
        sent.into_iter().filter_map(text).collect()
    }

    fn started(&mut self) {
        self.frame(Frame::BotStarted { turn: TURN }, Way::Up);
    }

    fn woken(&mut self) -> Vec<(Frame, Way)> {
        self.context.now = self.closing.wake_at().unwrap();
        self.closing.wake(&mut self.context);
        self.context.take_sent()
    }
}

#[test]
fn our_goodbye_ends_the_call_while_it_sounds() {
    let mut call = Call::new();
    call.user("That is all, thank you.");
    let phrases = ["Your table is booked.", "Goodbye!"];
    assert_eq!(call.answer(&phrases), phrases);
    assert_eq!(call.closing.wake_at(), None, "nothing sounds yet");
    call.context.now = ms(1000);
    call.started();
    assert_eq!(call.closing.wake_at(), Some(ms(1000) + LETTER * 21));
    let end = Frame::End(EndReason::AgentSaidGoodbye);
    assert_eq!(call.woken(), [(end.clone(), Way::Up), (end, Way::Down)]);
    assert_eq!(call.closing.wake_at(), None);
}

#[test]
fn an_answer_that_sounds_already_ends_too() {
    let mut call = Call::new();
    call.user("That is all.");
    call.started();
    call.answer(&["Goodbye!"]);
    assert_eq!(call.closing.wake_at(), Some(ms(0)));
}

#[test]
fn the_callers_goodbye_is_answered_before_the_call_ends() {
    let mut call = Call::new();
    call.user("Thanks, bye.");
    assert_eq!(
        call.answer(&["You are welcome."]),
        ["You are welcome.", "Goodbye."]
    );
    call.started();
    assert_eq!(call.woken()[0].0, Frame::End(EndReason::CallerSaidGoodbye));
}

#[test]
fn a_goodbye_of_both_is_said_once() {
    let mut call = Call::new();
    call.user("Thanks, bye.");
    assert_eq!(call.answer(&["Have a nice day!"]), ["Have a nice day!"]);
}

#[test]
fn a_farewell_that_was_played_sooner_than_estimated_ends_the_call() {
    let mut call = Call::new();
    call.user("Bye.");
    call.answer(&["It was a pleasure to talk to you today.", "Goodbye."]);
    call.started();
    let sent = call.frame(Frame::BotStopped { turn: TURN }, Way::Up);
    assert!(sent.contains(&Frame::End(EndReason::CallerSaidGoodbye)));
}

#[test]
fn who_interrupts_the_farewell_is_not_hung_up_on() {
    let mut call = Call::new();
    call.user("That is all.");
    call.answer(&["Your table is booked.", "Goodbye!"]);
    call.started();
    call.frame(Frame::Interrupt, Way::Down);
    assert_eq!(call.closing.wake_at(), None);
    call.user("Wait, one more thing.");
    call.answer(&["Of course."]);
    call.started();
    assert_eq!(call.closing.wake_at(), None);
}

#[test]
fn agents_may_leave_the_hanging_up_to_the_caller() {
    let mut settings = settings();
    settings.options.hang_up_on_goodbye = false;
    let mut call = Call::with(settings);
    call.user("Bye.");
    assert_eq!(call.answer(&["Goodbye."]), ["Goodbye."]);
    call.started();
    assert_eq!(call.closing.wake_at(), None);
}

#[test]
fn a_greeting_never_ends_a_call() {
    let mut call = Call::new();
    call.answer(&["Hello, and have a nice day."]);
    call.started();
    assert_eq!(call.closing.wake_at(), None);
}

#[test]
fn a_call_that_ends_already_keeps_its_reason() {
    let mut call = Call::new();
    call.user("Hm.");
    call.frame(Frame::End(EndReason::Silence), Way::Up);
    call.answer(&["I hang up now.", "Goodbye."]);
    call.started();
    assert_eq!(call.closing.wake_at(), None);
}

/// Answers every turn with a text, in the place of the model.
struct Answers(&'static str);

impl Processor for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        let is_turn = matches!(frame, Frame::UserTurn(_));
        context.pass(frame, way);
        if is_turn {
            let turn = context.new_turn();
            context.down(Frame::AnswerStarted { turn });
            let (text, spoken) = (self.0.into(), None);
            context.down(Frame::Phrase(Phrase { turn, text, spoken }));
            context.down(Frame::AnswerEnded { turn });
        }
    }
}

/// Plays each answer for a second, in the place of the output.
#[derive(Default)]
struct Plays(Option<(TurnId, Time)>);

impl Processor for Plays {
    fn name(&self) -> &'static str {
        "plays"
    }

    fn process(&mut self, frame: Frame, _: Way, context: &mut Context) {
        if let Frame::AnswerEnded { turn } = frame {
            self.0 = Some((turn, context.now + ms(1000)));
            context.both(Frame::BotStarted { turn });
        }
    }

    fn wake_at(&self) -> Option<Time> {
        self.0.map(|(_, at)| at)
    }

    fn wake(&mut self, context: &mut Context) {
        if let Some((turn, _)) = self.0.take() {
            context.both(Frame::BotStopped { turn });
        }
    }
}

#[test]
fn the_turns_hang_up_when_the_farewell_was_played_and_not_before() {
    for (said, answer, reason) in [
        ("Bye.", "You are welcome.", EndReason::CallerSaidGoodbye),
        ("No.", "Then goodbye!", EndReason::AgentSaidGoodbye),
    ] {
        let links: Vec<Box<dyn Processor>> = vec![
            Box::new(Answers(answer)),
            Box::new(ClosingPhrase::new()),
            Box::new(Plays::default()),
        ];
        let mut chain = crate::Chain::new(links, crate::testing::context());
        let turn = UserTurn {
            text: said.into(),
            ..UserTurn::default()
        };
        chain.push(Frame::UserTurn(turn), ms(0));
        chain.wake(ms(990));
        assert_eq!(chain.ended(), None);
        chain.wake(ms(1000));
        assert_eq!(chain.ended(), Some(reason), "{said}");
    }
}

proptest! {
    #[test]
    fn any_text_is_looked_at_without_panic(text in "\\PC{0,800}", tail in 0..20_usize) {
        is_farewell(&text, tail);
    }
}
