//! Data that moves from one stack to another through `scripts/backup.sh` and `scripts/restore.sh`.

use crate::Stack;
use crate::processes::binary;
use std::path::Path;
use std::process::Command;

impl Stack {
    /// Gateway, voice-bot and PostgreSQL in folders into which a backup was restored.
    pub fn restored(backup: &Path) -> Stack {
        let (mut stack, _) = Stack::restored_and_stopped(backup, &[]);
        stack.launch();
        stack
    }

    /// The same with nothing started, with these variables; and what the script said.
    pub fn restored_and_stopped(backup: &Path, variables: &[(&str, &str)]) -> (Stack, String) {
        let names = &["postgres", "voice-bot", "gateway"];
        let variables = [&[("UPSTREAMS", "bot")], variables].concat();
        let stack = Stack::new(names, &variables);
        let (restored, said) = stack.script("restore.sh", backup);
        assert!(restored, "{said}");
        (stack, said)
    }

    /// Folders and ports of a gateway that never ran.
    pub fn unused() -> Stack {
        Stack::new(&[], &[])
    }

    /// Runs `scripts/backup.sh` or `scripts/restore.sh` for the data of this stack: whether it
    /// succeeded, and what it said.
    pub fn script(&self, name: &str, archive: &Path) -> (bool, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../scripts")
            .join(name);
        let mut bash = Command::new("bash");
        bash.arg(script).arg(archive);
        let programs = binary("gateway");
        let programs = programs.parent().expect("a program is in a folder");
        let output = self
            .with_data(&mut bash)
            .env("BIN_DIR", programs)
            .output()
            .expect("bash runs");
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    /// The variables that say where its data is.
    pub(crate) fn with_data<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let socket = self.postgres.path().join("socket").display().to_string();
        let url = format!(
            "postgresql://whissle@{}/whissle",
            socket.replace('/', "%2F")
        );
        command
            .env("DATA_DIR", self.data.path())
            .env("AUTH_DB_PATH", self.data.path().join("auth/tokens.db"))
            .env("PGDATA", self.postgres.path().join("pgdata"))
            .env("PGSOCKET", &socket)
            .env("DATABASE_URL", url)
    }
}
