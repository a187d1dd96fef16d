//! The task that has phrases said, one after the other, over connections that may break.

use super::Order;
use super::connection::{Broken, Connection, Incoming};
use super::passage::Passage;
use crate::frame::{Frame, Part, Phrase, TurnId};
use crate::playback::Playback;
use crate::processor::Mailbox;
use crate::settings::CallSettings;
use api::ErrorCode;
use api::synthesis::{SpeechClientMessage, SpeechEvent};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

/// The next phrase is asked for when no more than this waits to be played.
const AHEAD: Duration = Duration::from_secs(3);
/// With more than this waiting, a long phrase is read no further for now.
const MOST_AHEAD: Duration = Duration::from_secs(8);
/// Between two looks at what waits.
const LOOK: Duration = Duration::from_millis(20);
/// tts-server says something at least this often while it has something to say.
const SILENT: Duration = Duration::from_secs(8);
/// So that an idle connection is not closed.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// A phrase is begun so often before it is left out.
const TRIES: u32 = 4;
/// The first wait before connecting again (a first try waits for nothing), and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// Silence between phrases, on top of what tts-server leaves behind the last word.
const PAUSE: (&[char], Duration) = (
    &['.', '!', '?', '。', '！', '？', '।', '…'],
    Duration::from_millis(200),
);
/// A connection that lasted so long was a good one.
const STEADY: Duration = Duration::from_secs(5);
/// Pieces of sound are no longer.
const LONGEST: Duration = Duration::from_millis(100);

/// See the module.
pub(super) struct Speaker {
    settings: Arc<CallSettings>,
    playback: Arc<Playback>,
    mailbox: Mailbox,
    orders: mpsc::Receiver<Order>,
    void: watch::Receiver<TurnId>,
    /// What is being said.
    current: Option<Passage>,
    /// Its number at the connection, and that of the text whose sound comes now.
    number: u64,
    sounding: u64,
    /// Up to where the last answer came, in samples, and whether its last phrase was a sentence.
    last: (TurnId, u64, bool),
    /// Connections that broke since something was said.
    breaks: u32,
    is_failing: bool,
}

/// Why a connection is left.
enum Stop {
    Over,
    Broken(Broken),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Stop::Broken(broken)
    }
}

impl Speaker {
    /// Says what is ordered until the other end of `orders` is gone; what is of answers up to
    /// `void` is dropped.
    pub fn new(
        settings: Arc<CallSettings>,
        playback: Arc<Playback>,
        mailbox: Mailbox,
        orders: mpsc::Receiver<Order>,
        void: watch::Receiver<TurnId>,
    ) -> Self {
        Speaker {
            settings,
            playback,
            mailbox,
            orders,
            void,
            current: None,
            number: 0,
            sounding: 0,
            last: (TurnId(0), 0, false),
            breaks: 0,
            is_failing: false,
        }
    }

    /// See [`Speaker::new`].
    pub async fn run(mut self) {
        loop {
            let why = match Connection::open(&self.settings).await {
                Ok(mut connection) => {
                    let since = Instant::now();
                    let Err(Stop::Broken(Broken(why))) = self.serve(&mut connection).await else {
                        return;
                    };
                    if let Some(passage) = &mut self.current {
                        passage.break_off();
                    }
                    if since.elapsed() > STEADY {
                        self.breaks = 0;
                    }
                    why
                }
                Err(Broken(why)) => why,
            };
            self.breaks += 1;
            tracing::debug!(why, breaks = self.breaks, "connection to tts-server lost");
            if self.breaks > 1 {
                if !std::mem::replace(&mut self.is_failing, true) {
                    metrics::counter!("call_part_failures_total", "part" => "tts").increment(1);
                    let part = Part::Tts;
                    if !self.mailbox.send(Frame::Failed { part, why }).await {
                        return;
                    }
                }
                let (first, longest) = BACK_OFF;
                sleep((first * 2u32.pow(self.breaks.min(10) - 2)).min(longest)).await;
            }
        }
    }

    async fn serve(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        self.sounding = 0;
        self.forget_void();
        match &self.current {
            Some(_) => self.say_again(connection).await?,
            None => self.recovered().await?,
        }
        let mut keep_alive = interval(KEEP_ALIVE);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut alive = Instant::now();
        loop {
            let waiting = self.settings.time(self.playback.waiting());
            let hears = waiting < MOST_AHEAD;
            let is_free = self.current.is_none();
            let takes_orders = is_free && waiting < AHEAD;
            if !hears || is_free {
                alive = Instant::now();
            }
            tokio::select! {
                biased;
                changed = self.void.changed() => {
                    changed.map_err(|_| Stop::Over)?;
                    if self.forget_void() {
                        connection.send(&SpeechClientMessage::Cancel { id: None }).await?;
                    }
                }
                incoming = connection.next(), if hears => {
                    alive = Instant::now();
                    self.take(incoming?, connection).await?;
                }
                order = self.orders.recv(), if takes_orders => {
                    self.obey(order.ok_or(Stop::Over)?, connection).await?;
                }
                () = sleep_until(alive + SILENT), if hears && !is_free => {
                    return Err(Broken("tts-server makes no sound".into()).into());
                }
                () = sleep(LOOK), if !hears || (is_free && !takes_orders) => {}
                _ = keep_alive.tick() => connection.send(&SpeechClientMessage::Keepalive).await?,
            }
        }
    }

    async fn obey(&mut self, order: Order, connection: &mut Connection) -> Result<(), Stop> {
        if order.turn() <= *self.void.borrow() {
            return Ok(());
        }
        match order {
            Order::Say(phrase) => self.begin(phrase, connection).await,
            Order::End(turn) => self.tell(Frame::SpeechEnded { turn }).await,
        }
    }

    async fn begin(&mut self, phrase: Phrase, connection: &mut Connection) -> Result<(), Stop> {
        let (turn, end, _) = self.last;
        let base = if turn == phrase.turn { end } else { 0 };
        let passage = Passage::new(phrase, base, self.settings.rate);
        if passage.is_empty() {
            return Ok(());
        }
        self.current = Some(passage);
        self.ask(connection).await
    }

    /// Asks for what is left of the phrase.
    async fn ask(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        self.number += 1;
        if let Some(passage) = &self.current {
            connection.speak(self.number, &passage.spoken).await?;
        }
        Ok(())
    }

    /// The phrase goes on from the first word that was not said, or is left out when it has been
    /// tried often enough.
    async fn say_again(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        let Some(passage) = &self.current else {
            return Ok(());
        };
        if passage.tries >= TRIES && !passage.is_empty() {
            tracing::warn!(
                characters = passage.spoken.chars().count(),
                "a phrase is left out: tts-server fails at it"
            );
        }
        if passage.tries >= TRIES || passage.is_empty() {
            self.finish();
            return Ok(());
        }
        self.ask(connection).await
    }

    /// The phrase is through.
    fn finish(&mut self) {
        if let Some(passage) = self.current.take() {
            let is_sentence = passage.spoken.trim_end().ends_with(PAUSE.0);
            self.last = (passage.turn, passage.end(), is_sentence);
        }
    }

    /// Drops the phrase if it is of a void answer; whether it was.
    fn forget_void(&mut self) -> bool {
        let void = *self.void.borrow_and_update();
        self.current.take_if(|said| said.turn <= void).is_some()
    }

    async fn take(&mut self, incoming: Incoming, connection: &mut Connection) -> Result<(), Stop> {
        match incoming {
            Incoming::Sound(bytes) => self.sound(&bytes).await,
            Incoming::Event(event) => self.event(*event, connection).await,
            Incoming::Nothing => Ok(()),
        }
    }

    async fn event(&mut self, event: SpeechEvent, connection: &mut Connection) -> Result<(), Stop> {
        match event {
            SpeechEvent::Started { id, .. } => {
                self.sounding = id.as_u64().unwrap_or_default();
                if self.is_current() {
                    self.pause().await?;
                }
            }
            SpeechEvent::Word { id, word } if id == self.number => {
                let frame = self.current.as_mut().and_then(|said| said.word(&word));
                if let Some(frame) = frame {
                    self.tell(frame).await?;
                }
            }
            SpeechEvent::Done { id, .. } if id == self.number => {
                self.breaks = 0;
                self.finish();
                self.recovered().await?;
            }
            SpeechEvent::Error { id: None, error } => {
                return Err(Broken(error.message).into());
            }
            SpeechEvent::Error {
                id: Some(id),
                error,
            } if id == self.number => {
                self.refused(error.code, connection).await?;
            }
            SpeechEvent::End { .. } => {
                return Err(Broken("tts-server ended the stream".into()).into());
            }
            _ => {}
        }
        Ok(())
    }

    /// tts-server does not say the phrase, or not to its end.
    async fn refused(&mut self, code: ErrorCode, connection: &mut Connection) -> Result<(), Stop> {
        use ErrorCode::{InternalError, NotReady, Overloaded, QueueFull};
        let may_pass = matches!(code, InternalError | NotReady | Overloaded | QueueFull);
        tracing::warn!(code = ?code, may_pass, "tts-server did not say a phrase");
        let Some(passage) = &mut self.current else {
            return Ok(());
        };
        passage.break_off();
        let (tries, turn) = (passage.tries, passage.turn);
        if !may_pass {
            self.finish();
            return Ok(());
        }
        tokio::select! {
            () = sleep(BACK_OFF.0 * 2u32.pow(tries.min(TRIES))) => {}
            _ = self.void.wait_for(|void| turn <= *void) => {}
        }
        if self.forget_void() {
            return Ok(());
        }
        self.say_again(connection).await
    }

    fn is_current(&self) -> bool {
        self.current.is_some() && self.sounding == self.number
    }

    /// Between two sentences of an answer, unless there is a gap anyway.
    async fn pause(&mut self) -> Result<(), Stop> {
        let (turn, _, after_sentence) = self.last;
        let Some(passage) = &mut self.current else {
            return Ok(());
        };
        let is_due = passage.turn == turn && after_sentence && passage.tries == 0;
        if !is_due || self.playback.waiting() == 0 {
            return Ok(());
        }
        let speed = f64::from(self.settings.options.speed.clamp(0.5, 2.0));
        let silence = self.settings.samples(PAUSE.1.div_f64(speed));
        passage.delay(silence);
        self.speech(turn, &vec![0; silence as usize]).await
    }

    async fn speech(&self, turn: TurnId, samples: &[i16]) -> Result<(), Stop> {
        let longest = self.settings.samples(LONGEST).max(1) as usize;
        for piece in samples.chunks(longest) {
            let samples = piece.into();
            self.tell(Frame::Speech { turn, samples }).await?;
        }
        Ok(())
    }

    async fn sound(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if !self.is_current() {
            return Ok(());
        }
        let (samples, _) = bytes.as_chunks::<2>();
        let samples: Vec<i16> = samples.iter().map(|two| i16::from_le_bytes(*two)).collect();
        if let Some(passage) = &mut self.current {
            passage.sound(samples.len());
            let turn = passage.turn;
            self.speech(turn, &samples).await?;
        }
        self.recovered().await
    }

    async fn recovered(&mut self) -> Result<(), Stop> {
        match std::mem::take(&mut self.is_failing) {
            true => self.tell(Frame::Recovered(Part::Tts)).await,
            false => Ok(()),
        }
    }

    async fn tell(&self, frame: Frame) -> Result<(), Stop> {
        let is_told = self.mailbox.send(frame).await;
        is_told.then_some(()).ok_or(Stop::Over)
    }
}
