/// The candidate that `word` was probably meant to be.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    let near = candidates.into_iter().take(1000).map(|other| (strsim::osa_distance(word, other), other));
    near.filter(|(edits, _)| *edits > 0 && *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, other)| other)
}
