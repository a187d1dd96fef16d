//! A call from its beginning to its end.

use crate::chain::Chain;
use crate::clips::Clips;
use crate::event::CallEvent;
use crate::frame::{EndReason, Frame, Part, Time};
use crate::processor::{Context, Mailbox, Processor};
use crate::processors::*;
use crate::recording::{Format, Writer};
use crate::settings::CallSettings;
use crate::transport::{Input, Output, Ports};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, sleep_until, timeout};

/// Frames of the tasks that wait for the chain.
const MAILBOX: usize = 512;
/// The recording is finished within this time.
const FINISH: Duration = Duration::from_secs(20);

/// What calls share.
#[derive(Clone)]
pub struct Services {
    /// Thinks.
    pub llm: llm::Llm,
    /// Asks tts-server for clips.
    pub http: reqwest::Client,
    /// Clips that were made.
    pub clips: Clips,
}

/// What somebody outside wants of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// End it.
    HangUp(EndReason),
    /// Say what waits, then end it.
    End(EndReason),
    /// A machine answered: leave the agent's message, if it has one, and end it.
    Voicemail,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Why it ended.
    pub reason: EndReason,
    /// How long it took.
    pub duration: Duration,
    /// The finished recording.
    pub recording: Option<PathBuf>,
    /// Ticks of 20 ms at which an answer had nothing to play though more of it was to come.
    pub underruns: u64,
}

/// Leads a call until it is over. Everything that happens goes to `events` too, [`CallEvent::Ended`]
/// last. Dropping the future ends the call at once; its recording is finished nevertheless.
pub async fn run(
    settings: CallSettings,
    services: Services,
    ports: Ports,
    mut control: mpsc::Receiver<Control>,
    events: mpsc::Sender<CallEvent>,
) -> Ended {
    let settings = Arc::new(settings);
    let Ports {
        mut input,
        output,
        playback,
    } = ports;
    let (sender, mut mail) = mpsc::channel(MAILBOX);
    let mut events = Events::new(events);
    let recording = settings.recording.clone().map(|path| {
        Writer::start(
            path,
            settings.rate,
            Format::of(&settings.options.recording_format),
            settings.sealer.clone(),
        )
    });
    let (writer, file) = match recording {
        Some((writer, file)) => (Some(writer), Some(file)),
        None => (None, None),
    };
    let clips = services.clips.prepare(&settings, &services.http);
    let mailbox = |index| Mailbox::new(index, sender.clone());
    playback.attach(mailbox(OUTPUT));
    let links: Vec<Box<dyn Processor>> = vec![
        Box::new(WhissleStt::new(&settings, mailbox(0))),
        Box::new(SmartEndpointer::new()),
        Box::new(EmotionAdaptive::new()),
        Box::new(Backchannel::new(clips.clone())),
        Box::new(UserAggregator::new()),
        Box::new(LlmProcessor::new(services.llm, &settings, mailbox(5))),
        Box::new(ClosingPhrase::new()),
        Box::new(NumberPronouncer::new()),
        Box::new(Tts::new(&settings, playback.clone(), mailbox(8))),
        Box::new(AudioHumanizer::new(playback.clone())),
        Box::new(SilenceWatchdog::new()),
        Box::new(TransportOutput::new(
            playback.clone(),
            clips,
            output.clone(),
        )),
        Box::new(AudioBuffer::new(writer)),
        Box::new(AssistantAggregator::new()),
    ];
    let longest = Duration::from_secs(settings.options.max_seconds.into());
    let mut chain = Chain::new(links, Context::new(settings));
    let start = Instant::now();
    let now = || -> Time { start.elapsed() };
    chain.push(Frame::Start, Time::ZERO);
    let mut is_controlled = true;
    let reason = loop {
        for event in chain.take_told() {
            // A page that does not keep up misses something; the record does not.
            let _ = output.try_send(Output::Event(event.clone()));
            events.push(event);
        }
        if let Some(reason) = chain.ended() {
            break reason;
        }
        let wake = chain.wake_at().unwrap_or(longest).min(longest);
        tokio::select! {
            biased;
            wanted = control.recv(), if is_controlled => match wanted {
                Some(Control::HangUp(reason)) => chain.push(Frame::HangUp(reason), now()),
                Some(Control::End(reason)) => chain.push(Frame::End(reason), now()),
                Some(Control::Voicemail) => leave_message(&mut chain, now()),
                None => is_controlled = false,
            },
            Some((link, frame)) = mail.recv() => chain.arrived(link, frame, now()),
            heard = input.recv() => match heard {
                Some(Input::Sound(sound)) => chain.push(Frame::Heard(sound), now()),
                Some(Input::Dtmf(key)) => chain.push(Frame::Dtmf(key), now()),
                Some(Input::Gone(reason)) => chain.push(Frame::HangUp(reason), now()),
                None => chain.push(Frame::HangUp(EndReason::ConnectionLost), now()),
            },
            () = sleep_until(start + wake) => match now() >= longest {
                true => chain.push(Frame::HangUp(EndReason::TooLong), now()),
                false => chain.wake(now()),
            },
        }
    };
    let duration = start.elapsed();
    let _ = output.try_send(Output::Close(reason));
    chain
        .take_told()
        .into_iter()
        .for_each(|event| events.push(event));
    drop(chain);
    let recording = match file {
        Some(file) => match timeout(FINISH, file).await {
            Ok(Ok(Ok(path))) => Some(path),
            failed => {
                tracing::error!(?failed, "a recording could not be finished");
                let why = "the recording could not be finished".to_owned();
                let part = Part::Recording;
                events.push(CallEvent::Failed { part, why });
                None
            }
        },
        None => None,
    };
    let underruns = playback.underruns();
    metrics::counter!("call_underruns_total").increment(underruns);
    events.push(CallEvent::Ended {
        reason,
        duration: duration.as_secs_f64(),
        underruns: Some(underruns),
    });
    events.flush().await;
    Ended {
        reason,
        duration,
        recording,
        underruns,
    }
}

/// Says the message for machines, whatever was being said, and ends the call.
fn leave_message(chain: &mut Chain, now: Time) {
    chain.push(Frame::Interrupt, now);
    let message = chain.context().settings.options.voicemail_message.clone();
    if !message.is_empty() {
        chain.push(Frame::Say(message), now);
    }
    chain.push(Frame::End(EndReason::Voicemail), now);
}

/// Events for the call's record, none of which is lost because its reader is slow for a while.
struct Events {
    sender: mpsc::Sender<CallEvent>,
    waiting: VecDeque<CallEvent>,
}

impl Events {
    fn new(sender: mpsc::Sender<CallEvent>) -> Self {
        Events {
            sender,
            waiting: VecDeque::new(),
        }
    }

    fn push(&mut self, event: CallEvent) {
        self.waiting.push_back(event);
        while let Some(event) = self.waiting.pop_front() {
            match self.sender.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(CallEvent::Interim { .. })) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    break;
                }
                Err(TrySendError::Closed(_)) => self.waiting.clear(),
            }
        }
    }

    async fn flush(self) {
        for event in self.waiting {
            if self.sender.send(event).await.is_err() {
                break;
            }
        }
    }
}

/// Where the output stands in the chain.
const OUTPUT: usize = 11;
