//! What holds for inverse normalisation of any Hindi, Chinese, Japanese and Korean text.

use proptest::prelude::*;
use text::itn::{edits, itn};

/// Each language with words that its grammar reads, words near them, and noise.
const LANGUAGES: [(&str, &str); 4] = [
    (
        "hi",
        "शून्य एक दो तीन पाँच पांच छह नौ दस बीस पच्चीस निन्यानवे सौ हज़ार हजार लाख करोड़ अरब डेढ़ ढाई साढ़े सवा \
         पौने दशमलव बटा सही बाई चौथाई रुपये पैसे और प्रतिशत किलो किलोमीटर बजे बजकर मिनट सेकंड मार्च से ईस्वी \
         दसवां एकवीं प्लस डबल ओ और लोग में है do paanch sau hazaar lakh baje twenty five hundred and point \
         three double oh rupees percent 5 ₹50 2:30 10% है। a",
    ),
    (
        "zh",
        "零 〇 一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 壹 拾 幺 点 分 分之 百分之 又 半 刻 秒 年 月 日 号 元 美元 块 \
         毛 角 公里 岁 第 负 周 星期 几 多 个 样 些 万一 一起 不管三七二十一 下午 我们 的 3 10 3.5 ¥5 A %",
    ),
    (
        "ja",
        "〇 一 二 三 四 五 六 七 八 九 十 百 千 万 億 兆 ゼロ 点 ・ 分の と から の 年 月 日 時 分 秒 間 円 人 個 番目 第 \
         マイナス パーセント 一番 一緒 六本木 数 何 です は 3 10 3.5 % A",
    ),
    (
        "ko",
        "영 공 일 이 삼 사 오 육 칠 팔 구 십 백 천 만 억 조 경 점 분의 과 에 년 월 일 시 분 초 반 전 원 달러 퍼센트 킬로미터 \
         층 개 명 번 번째 첫 한 두 세 다섯 열 스물 마이너스 오전 약 수 몇 이번 한번 은 는 이 사람 3 10 3.5 ₩5 % A",
    ),
];

fn phrase() -> impl Strategy<Value = (&'static str, String)> {
    (0..LANGUAGES.len()).prop_flat_map(|i| {
        let (language, words) = LANGUAGES[i];
        let words: Vec<&str> = words.split_whitespace().collect();
        let gap = match language {
            "hi" => prop::sample::select(vec![" ", " ", " ", " ", "-", ", ", ". ", ""]),
            _ => prop::sample::select(vec!["", "", "", " ", ",", "，", "。", "-"]),
        };
        prop::collection::vec((prop::sample::select(words), gap), 0..14).prop_map(move |parts| {
            let text = parts.into_iter().flat_map(|(word, gap)| [word, gap]);
            (language, text.collect())
        })
    })
}

fn sound(text: &str, language: &str) -> Result<(), TestCaseError> {
    let mut done = 0;
    for edit in edits(text, language) {
        prop_assert!(done <= edit.span.start && edit.span.start < edit.span.end);
        prop_assert!(text.get(edit.span.clone()).is_some(), "{:?}", edit);
        prop_assert!(
            edit.text.chars().any(|c| c.is_ascii_digit()),
            "{:?} in {:?}",
            edit,
            text
        );
        done = edit.span.end;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_already_stays((language, text) in phrase()) {
        let once = itn(&text, language);
        prop_assert_eq!(itn(&once, language), once, "{} from {}", language, text);
    }

    #[test]
    fn every_edit_is_a_number_in_its_place((language, text) in phrase()) {
        sound(&text, language)?;
    }

    #[test]
    fn numbers_never_grow_together((language, text) in phrase()) {
        let edits = edits(&text, language);
        for pair in edits.windows(2) {
            let touching = pair[0].span.end == pair[1].span.start;
            let digits = pair[0].text.ends_with(|c: char| c.is_ascii_digit())
                && pair[1].text.starts_with(|c: char| c.is_ascii_digit());
            prop_assert!(!(touching && digits), "{:?} in {:?}", pair, text);
        }
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,80}") {
        for (language, _) in LANGUAGES {
            sound(&text, language)?;
        }
    }

    #[test]
    fn text_without_number_words_is_unchanged(
        hindi in "[कगचजटडपब ,।]{0,40}",
        chinese in "[我你他好吗是的在了，。！]{0,40}",
        japanese in "[あ-ん、。]{0,40}",
        korean in "[나너는은을를가고다요 ,.]{0,40}",
    ) {
        for (language, text) in [("hi", hindi), ("zh", chinese), ("ja", japanese), ("ko", korean)] {
            prop_assert_eq!(itn(&text, language), text);
        }
    }
}

#[test]
fn long_texts_take_time_in_proportion() {
    for (language, words) in LANGUAGES {
        let joined = words.split_whitespace().collect::<String>();
        for piece in words.split_whitespace().chain([words, &joined, "   "]) {
            for gap in ["", " "] {
                let text = format!("{piece}{gap}").repeat(6_000 / piece.len());
                let _ = itn(&text, language);
            }
        }
    }
}
