//! A service's settings from its flags and the environment, in which a variable that is empty is not set.

use clap::{Arg, Command, Parser};

/// What [`Parser::parse`] does, for variables as composed files and charts pass them: `LM_DIR=` of a setting that
/// nobody made means the default, not a folder without a name. Ends the process when something is not understood,
/// and for `--help`.
pub fn arguments<C: Parser>() -> C {
    let matches = without_empty(C::command()).get_matches();
    C::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut C::command()).exit())
}

/// The command, subcommands included, without the variables that are empty.
fn without_empty(command: Command) -> Command {
    command.mut_args(set).mut_subcommands(without_empty)
}

fn set(argument: Arg) -> Arg {
    let name = argument.get_env();
    if name
        .and_then(std::env::var_os)
        .is_some_and(|value| value.is_empty())
    {
        argument.env(None::<&'static str>)
    } else {
        argument
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, FromArgMatches, Subcommand};

    #[derive(Parser)]
    struct Cli {
        #[arg(long, env = "ARGUMENTS_TEST_FOLDER")]
        folder: Option<String>,

        #[arg(long, env = "ARGUMENTS_TEST_COUNT", default_value_t = 7)]
        count: u32,

        #[command(subcommand)]
        command: Option<Look>,
    }

    #[derive(Subcommand)]
    enum Look {
        Closer {
            #[arg(long, env = "ARGUMENTS_TEST_COUNT", default_value_t = 8)]
            count: u32,
        },
    }

    fn parse(words: &[&str]) -> Result<Cli, clap::Error> {
        let words = std::iter::once("service").chain(words.iter().copied());
        let matches = without_empty(Cli::command()).try_get_matches_from(words)?;
        Cli::from_arg_matches(&matches)
    }

    /// The environment of a process cannot be changed safely: this test of its own runs with another.
    fn again(test: &str, variables: &[(&str, &str)]) {
        let program = std::env::current_exe().unwrap();
        let mut again = std::process::Command::new(program);
        again.args(["--exact", &format!("arguments::tests::{test}")]);
        let output = again
            .env("ARGUMENTS_TEST", "1")
            .envs(variables.iter().copied());
        let output = output.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }

    fn is_again() -> bool {
        std::env::var_os("ARGUMENTS_TEST").is_some()
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        if !is_again() {
            let empty = [("ARGUMENTS_TEST_FOLDER", ""), ("ARGUMENTS_TEST_COUNT", "")];
            return again("an_empty_variable_is_not_set", &empty);
        }
        let cli = parse(&[]).unwrap();
        assert_eq!((cli.folder, cli.count), (None, 7));
        assert_eq!(parse(&["--count", "3"]).unwrap().count, 3);
        let Some(Look::Closer { count }) = parse(&["closer"]).unwrap().command else {
            panic!("a subcommand was asked for");
        };
        assert_eq!(count, 8);
    }

    #[test]
    fn others_are_read_as_they_are() {
        if !is_again() {
            let set = [
                ("ARGUMENTS_TEST_FOLDER", " "),
                ("ARGUMENTS_TEST_COUNT", "5"),
            ];
            return again("others_are_read_as_they_are", &set);
        }
        let cli = parse(&[]).unwrap();
        assert_eq!((cli.folder.as_deref(), cli.count), (Some(" "), 5));
    }
}
