//! The provider `local`: a small chat model in a GGUF file, run by llama.cpp inside this process.
//!
//! One thread generates, beside other work; requests wait for it in a bounded queue ([`worker`]).
//! The model is loaded when it is first asked and let go after a while without requests. What makes
//! the prompt is the file's own chat template ([`template`]); answers of a shape come by a grammar
//! ([`schema`]).

mod call;
mod engine;
mod fit;
mod gguf;
mod place;
mod sampler;
mod schema;
mod spoken;
mod template;
mod worker;

use crate::error::{LlmError, Result};
use crate::provider::{Events, Provider};
use crate::request::Request;
use crate::settings::{ProviderKind, Settings};
use futures::{StreamExt, stream};
use std::time::Duration;
use tokio::sync::mpsc;
use worker::{Job, Worker};

/// Longest that somebody waits for the first words: for others' answers, for the model to be read
/// from disk, for a long prompt. The request's own deadline ends it earlier.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The model on this machine.
pub(crate) struct Local {
    name: String,
    worker: Worker,
}

impl Local {
    /// Reads nothing from disk yet.
    pub fn new(settings: &Settings) -> Self {
        Local {
            name: place::name(&settings.local.local_llm_model),
            worker: Worker::new(settings.local.clone()),
        }
    }
}

impl Provider for Local {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Local
    }

    fn model<'a>(&'a self, _: &'a Request) -> &'a str {
        &self.name
    }

    fn silence(&self, _: Duration) -> Duration {
        PATIENCE
    }

    fn stream(&self, request: &Request) -> Events {
        // As many parts as there can be tokens: whoever reads slowly never holds up the thread.
        let room = self.worker.context() as usize + 8;
        let (sender, receiver) = mpsc::channel(room);
        let job = Job {
            request: request.clone(),
            events: sender,
        };
        match self.worker.take(job) {
            Ok(()) => stream::unfold(receiver, |mut receiver| async move {
                Some((receiver.recv().await?, receiver))
            })
            .boxed(),
            Err(error) => stream::once(std::future::ready(Err(error))).boxed(),
        }
    }
}

/// An answer that ended for a reason that the request cannot help.
fn broken(reason: impl Into<String>) -> LlmError {
    LlmError::Broken {
        provider: ProviderKind::Local,
        reason: reason.into(),
    }
}

/// A request that the model cannot take.
fn refused(status: u16, message: impl Into<String>) -> LlmError {
    LlmError::Rejected {
        provider: ProviderKind::Local,
        status,
        message: message.into(),
    }
}

/// `Ok` of this crate, for functions that run on the generating thread.
type Done<T> = Result<T>;
