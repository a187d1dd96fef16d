//! ARPA files that people and programs write: what is read, and how the rest is refused.
#![allow(clippy::unwrap_used)] // tests fail by panicking

use language_model::{LanguageModel, LmError, read_arpa, write_arpa};

const GOOD: &str = "\\data\\\nngram 1=4\nngram 2=3\n\n\
    \\1-grams:\n-1.0\t<unk>\n-99\t<s>\t-0.3\n-0.5\t</s>\n-0.7\tyes\t-0.2\n\n\
    \\2-grams:\n-0.1\t<s> yes\n-0.2\tyes </s>\n-0.9\tyes yes\n\n\\end\\\n";

fn told(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let arpa = GOOD.replacen(from, to, 1);
    LanguageModel::from_bytes(arpa.into_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_small_model_says_what_its_lines_say() {
    let model = LanguageModel::from_bytes(GOOD.into()).unwrap();
    assert_eq!((model.order(), model.vocabulary_size()), (2, 4));
    let log10 = |ln: f32| ln / std::f32::consts::LN_10;
    let yes = model.score(&model.begin(), "yes");
    assert!((log10(yes.ln_prob) + 0.1).abs() < 1e-6);
    assert!((log10(model.end(&yes.state)) + 0.2).abs() < 1e-6);
    let unknown = model.score(&yes.state, "no");
    assert!(!unknown.known);
    assert!((log10(unknown.ln_prob) + 1.2).abs() < 1e-6);
}

#[test]
fn headers_of_other_programs_windows_lines_and_spaces_are_read() {
    let other = format!(
        "\u{feff}\nThis is an ARPA file\n{}",
        GOOD.replace('\n', "\r\n")
    );
    LanguageModel::from_bytes(other.into_bytes()).unwrap();
    LanguageModel::from_bytes(GOOD.replace('\t', "  ").into_bytes()).unwrap();
}

#[test]
fn no_word_holds_a_line_end_that_writing_would_lose() {
    let arpa = GOOD.replace("<s> yes", "<s>\ryes\r");
    let mut written = Vec::new();
    write_arpa(&read_arpa(arpa.as_bytes()).unwrap(), &mut written).unwrap();
    assert!(!written.contains(&b'\r'));
    read_arpa(written.as_slice()).unwrap();
}

#[test]
fn a_model_without_unk_gets_one_that_is_all_but_impossible() {
    let arpa = GOOD.replace("-1.0\t<unk>\n", "").replace("1=4", "1=3");
    let model = LanguageModel::from_bytes(arpa.into_bytes()).unwrap();
    let unknown = model.score(&model.begin(), "no");
    assert!(!unknown.known && unknown.ln_prob < -200.0 && unknown.ln_prob.is_finite());
}

#[test]
fn faults_are_told_with_line_and_section() {
    for (from, to, line, wanted) in [
        (
            "ngram 2=3",
            "ngram 2=4",
            "line 15",
            "there are 3 2-grams, \\data\\ says 4",
        ),
        ("ngram 2=3", "ngram 2=2", "line 14", "\\end\\"),
        ("ngram 1=4", "ngram 1=3", "line 9", "more n-grams than"),
        ("ngram 1=4", "ngram 1=5", "line 10", "there are 4 1-grams"),
        ("ngram 1=4", "ngram one=4", "line 2", "ngram ORDER=COUNT"),
        ("ngram 2=3", "ngram 3=3", "line 3", "count of 2-grams"),
        ("ngram 2=3\n", "", "line 3", "1 order"),
        ("-0.7\tyes", "nan\tyes", "line 9", "no finite number"),
        ("-0.7\tyes", "-inf\tyes", "line 9", "no finite number"),
        ("-0.7\tyes", "0.7\tyes", "line 9", "above 0"),
        ("-0.7\tyes\t-0.2", "-0.7\tyes\tx", "line 9", "backoff `x`"),
        (
            "-0.7\tyes",
            "-0.7\t</s>",
            "line 9",
            "`</s>` is listed twice",
        ),
        ("-99\t<s>", "-99\tno", "line 9", "`<s>` is missing"),
        (
            "yes yes",
            "yes no",
            "line 14",
            "`no` is not among the unigrams",
        ),
        ("yes yes", "yes", "line 14", "2 word(s)"),
        ("yes yes", "yes yes yes", "line 14", "backoff `yes`"),
        ("yes yes", "yes yes\t-0.1", "line 14", "no backoff"),
        (
            "\\2-grams:",
            "\\3-grams:",
            "line 11",
            "`\\2-grams:` is wanted",
        ),
        ("\n\\end\\\n", "", "line 15", "cut short"),
    ] {
        let told = told(from, to);
        assert!(told.contains(line) && told.contains(wanted), "{to}: {told}");
    }
}

#[test]
fn an_ngram_twice_or_without_its_beginning_is_refused() {
    let twice = told("yes yes", "<s> yes");
    assert!(twice.contains("`<s> yes` is listed twice"), "{twice}");
    let arpa = "\\data\\\nngram 1=4\nngram 2=1\nngram 3=1\n\n\
        \\1-grams:\n-1\t<unk>\n-99\t<s>\n-1\t</s>\n-1\ta\n\n\
        \\2-grams:\n-1\ta </s>\n\n\\3-grams:\n-1\ta a </s>\n\n\\end\\\n";
    let error = LanguageModel::from_bytes(arpa.into())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`a a </s>` is listed, but not `a a`"),
        "{error}"
    );
}

#[test]
fn a_line_of_ten_megabytes_is_not_read_to_its_end() {
    let long = "x".repeat(10 << 20);
    let error = told("-0.7\tyes", &format!("-0.7\t{long}"));
    assert!(
        error.contains("line 9") && error.contains("longer"),
        "{error}"
    );
    assert!(error.len() < 500);
}

#[test]
fn huge_counts_make_no_room() {
    let error = told("ngram 2=3", "ngram 2=18446744073709551615");
    assert!(error.contains("there are 3 2-grams"), "{error}");
}

#[test]
fn a_file_of_two_gigabytes_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.arpa");
    // Sparse: it takes no room on the disk.
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(2 << 30).unwrap();
    let error = LanguageModel::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("2048 MB") && error.contains("models lm convert"),
        "{error}"
    );
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let mut arpa = GOOD.as_bytes().to_vec();
    let at = GOOD.find("yes").unwrap();
    arpa[at] = 0xff;
    let error = read_arpa(arpa.as_slice()).unwrap_err();
    assert!(matches!(error, LmError::Arpa { line: 9, .. }), "{error}");
}
