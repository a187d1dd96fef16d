//! Talks to a running stack: with `curl` as its users do, with `psql` where the API shows too little.

use crate::Stack;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// What `curl` got.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// `error.code` of the envelope.
    pub fn error_code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl Stack {
    /// `curl` with these arguments; an argument that begins with `/` is an address here.
    pub fn curl(&self, arguments: &[&str]) -> Answer {
        let output = self.curl_output(arguments);
        assert!(
            output.status.success(),
            "curl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        split_status(&output)
    }

    /// `curl` of an address with a token and further arguments.
    pub fn with_token(&self, token: &str, arguments: &[&str]) -> Answer {
        let header = format!("Authorization: Bearer {token}");
        self.curl(&[&["-H", &header], arguments].concat())
    }

    /// POST of a file to `/asr/transcribe` with the admin token and form fields `name=value`.
    pub fn transcribe(&self, file: &Path, fields: &[&str]) -> Answer {
        let part = format!("file=@{}", file.display());
        let mut arguments = vec!["-F", part.as_str()];
        for field in fields {
            arguments.extend(["-F", field]);
        }
        arguments.push("/asr/transcribe");
        self.with_token(&self.admin_token(), &arguments)
    }

    /// GET of a path, where somebody listens.
    pub fn try_get(&self, path: &str) -> Option<Answer> {
        let output = self.curl_output(&[path]);
        output.status.success().then(|| split_status(&output))
    }

    fn curl_output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("curl");
        command.args(["-sS", "--max-time", "120", "-w", "\n%{http_code}"]);
        for argument in arguments {
            match argument.strip_prefix('/') {
                Some(path) => command.arg(format!("http://127.0.0.1:{}/{path}", self.port)),
                None => command.arg(argument),
            };
        }
        command
            .output()
            .expect("curl is installed (scripts/setup.sh test)")
    }

    /// Runs a command of a service over the data of this stack; what it printed.
    pub fn command(&self, service: &str, arguments: &[&str]) -> String {
        let output = Command::new(crate::processes::binary(service))
            .args(arguments)
            .env("DATA_DIR", self.data.path())
            .env("HIPAA_MODE", "true")
            .output()
            .expect("the service's binary runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{service} {arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// One value out of the private PostgreSQL.
    pub fn sql(&self, statement: &str) -> String {
        let socket = self.postgres.path().join("socket");
        let output = Command::new("psql")
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(["-U", "whissle", "-d", "whissle", "-c", statement, "-h"])
            .arg(socket)
            .output()
            .expect("psql is installed (scripts/setup.sh test)");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

fn split_status(output: &Output) -> Answer {
    let text = String::from_utf8_lossy(&output.stdout);
    let (body, status) = text
        .rsplit_once('\n')
        .expect("curl was told to print the status");
    Answer {
        status: status.parse().expect("a status is a number"),
        body: body.to_owned(),
    }
}
