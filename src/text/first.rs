use super::{Code, Diagnostic, Span};

/// How many mistakes of one file are worth printing.
pub const MAX_DIAGNOSTICS: usize = 100;

/// The first mistakes of one file in the order of the text, at most [`MAX_DIAGNOSTICS`], and then one that says that
/// there are more. `more`: some have been left out already.
pub fn first_mistakes(mut mistakes: Vec<Diagnostic>, more: bool) -> Vec<Diagnostic> {
    let told = mistakes.len();
    mistakes.retain(|mistake| mistake.code != Code::TOO_MANY_MISTAKES);
    let more = more || mistakes.len() < told || mistakes.len() > MAX_DIAGNOSTICS;
    mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
    mistakes.truncate(MAX_DIAGNOSTICS);
    if more {
        let end = mistakes.last().map_or(Span::default(), |last| last.span);
        let message = format!("only the first {} mistakes of this file are shown", mistakes.len());
        mistakes.push(
            Diagnostic::error(Code::TOO_MANY_MISTAKES, end, message)
                .advise("mend some of them, or check that it is the file you meant"),
        );
    }
    mistakes
}
