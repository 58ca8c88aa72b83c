//! Where the `Link` header fields of an answer say that the next page is (RFC 8288).

use reqwest::Url;

/// How much of a field an error shows, in characters.
const SHOWN: usize = 80;

/// What stands between the pieces of a header field (RFC 9110, section 5.6.3).
const SPACE: [char; 2] = [' ', '\t'];

/// Why a `Link` header field tells no next page.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum LinkError {
    /// Something stands where a link should begin or end.
    #[error(
        "its Link header field can't be read at `{0}`: a link is `<URL>; rel=\"next\"`, and commas stand between links"
    )]
    NoLink(String),
    /// Of several that differ, nobody knows which one is meant.
    #[error("its Link header fields have two next pages: `{0}` and `{1}`")]
    Several(String, String),
}

fn no_link(at: &str) -> LinkError {
    LinkError::NoLink(at.chars().take(SHOWN).collect())
}

/// One link, as far as pages go.
struct Link<'f> {
    target: &'f str,
    /// The relations of its first `rel`: further ones don't count (section 3.3).
    relations: Option<String>,
    /// What it leads away from, if that is not the answer itself.
    anchor: Option<String>,
}

impl Link<'_> {
    /// Whether it leads from the answer at `own` to the next page. Relations are compared without regard to case (section 2.1.1).
    fn is_next(&self, own: &Url) -> bool {
        let relations = self.relations.as_deref().unwrap_or_default();
        let from_here = |anchor: &String| own.join(anchor).is_ok_and(|from| from == *own);
        relations.split(SPACE).any(|one| one.eq_ignore_ascii_case("next"))
            && self.anchor.as_ref().is_none_or(from_here)
    }
}

/// The target of the link with the relation `next`, as it stands there; nothing where there is none. `fields` are the values of all `Link`
/// header fields of an answer, and `own` is its URL.
pub(super) fn next(fields: &[String], own: &Url) -> Result<Option<String>, LinkError> {
    let mut found: Option<String> = None;
    for field in fields {
        for link in links(field)?.iter().filter(|link| link.is_next(own)) {
            match &found {
                Some(before) if before != link.target => {
                    return Err(LinkError::Several(before.clone(), link.target.to_owned()));
                }
                _ => found = Some(link.target.to_owned()),
            }
        }
    }
    Ok(found)
}

/// All links of a field. Appendix B.2 gives up in silence at what is no link: the next page might have stood behind it.
fn links(field: &str) -> Result<Vec<Link<'_>>, LinkError> {
    let mut links = Vec::new();
    let mut rest = field;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Ok(links);
        }
        let target = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let (target, behind) = target.ok_or_else(|| no_link(rest))?;
        let mut link = Link { target: target.trim_matches(SPACE), relations: None, anchor: None };
        rest = behind.trim_start_matches(SPACE);
        while let Some(behind) = rest.strip_prefix(';') {
            let (name, value, behind) = parameter(behind.trim_start_matches(SPACE))?;
            match &*name.to_ascii_lowercase() {
                "rel" if link.relations.is_none() => link.relations = Some(value),
                "anchor" => link.anchor = Some(value),
                _ => {}
            }
            rest = behind.trim_start_matches(SPACE);
        }
        if !rest.is_empty() && !rest.starts_with(',') {
            return Err(no_link(rest));
        }
        links.push(link);
    }
}

/// A parameter of a link at the beginning of a text: its name, its value if it has one, and what follows.
fn parameter(text: &str) -> Result<(&str, String, &str), LinkError> {
    let end = text.find(['=', ';', ',', ' ', '\t']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.trim_start_matches(SPACE).strip_prefix('=') else {
        return Ok((name, String::new(), rest));
    };
    let value = value.trim_start_matches(SPACE);
    let Some(mut rest) = value.strip_prefix('"') else {
        let end = value.find([';', ',', ' ', '\t']).unwrap_or(value.len());
        return Ok((name, value[..end].to_owned(), &value[end..]));
    };
    let mut content = String::new();
    loop {
        let end = rest.find(['"', '\\']).ok_or_else(|| no_link(value))?;
        content.push_str(&rest[..end]);
        let is_end = rest[end..].starts_with('"');
        rest = &rest[end + 1..];
        if is_end {
            return Ok((name, content, rest));
        }
        // A backslash makes the character behind it stand for itself (RFC 9110, section 5.6.4).
        let mut characters = rest.chars();
        content.extend(characters.next());
        rest = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: &[&str], wanted: Result<Option<&str>, &str>) {
        let own = Url::parse("http://shop.example/orders?page=1").expect("a URL");
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        match (next(&fields, &own), wanted) {
            (Ok(found), Ok(wanted)) => assert_eq!(found.as_deref(), wanted, "{fields:?}"),
            (Err(why), Err(wanted)) => assert!(why.to_string().contains(wanted), "{why}"),
            (got, wanted) => panic!("{fields:?}: {got:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn the_next_page_is_found_however_it_is_written() {
        for field in [
            r#"</p?2>; rel="next""#,
            r"</p?2>;rel=next",
            r#"</p?0>; rel="prev", </p?2>; rel="next", </p?9>; rel="last""#,
            r#" , < /p?2 > ; title="a, \"<b>\"; c" ; REL = "last NEXT" ,"#,
            r#"</p?2>; x; rel="next"; rel="prev""#,
            r#"</p?2>; rel="next"; anchor="?page=1""#,
            r#"</p?3>; rel="next"; anchor="/else", </p?2>; rel=next"#,
        ] {
            check(&[field], Ok(Some("/p?2")));
        }
        check(&[r"</a,b;c>; rel=next"], Ok(Some("/a,b;c")));
        check(&[r"</p?0>; rel=prev", r"</p?2>; rel=next"], Ok(Some("/p?2")));
        check(&[r"</p?2>; rel=next, </p?2>; rel=next"], Ok(Some("/p?2")));
    }

    #[test]
    fn there_is_none_where_nothing_says_so() {
        for field in ["", " , ", "</p>", "</p>; rel=prev; rel=next", "</p>; rel=nextish", "</p>; rev=next"] {
            check(&[field], Ok(None));
        }
        check(&[], Ok(None));
    }

    #[test]
    fn what_is_no_link_is_told_and_no_end() {
        check(&["/p?2; rel=next"], Err("at `/p?2; rel=next`"));
        check(&["</p?2; rel=next"], Err("at `</p?2; rel=next`"));
        check(&["</p?2> rel=next"], Err("at `rel=next`"));
        check(&[r#"</p?2>; rel="next"#], Err(r#"at `"next`"#));
        check(&[r#"</p?2>; rel="next\"#], Err("can't be read"));
        check(&["</p?2>; rel=next, </p?3>; rel=next"], Err("two next pages: `/p?2` and `/p?3`"));
    }
}
