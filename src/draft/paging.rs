use super::names::place;
use super::outline::Page;
use super::service::{Kind, Operation, Parameter, ParameterPlace, Shape};

const NUMBERS: [&str; 6] = ["page", "page_number", "pageNumber", "pageIndex", "page_index", "p"];
const OFFSETS: [&str; 5] = ["offset", "skip", "start", "startAt", "startIndex"];
const CURSORS: [&str; 11] = [
    "cursor",
    "after",
    "page_token",
    "pageToken",
    "next_token",
    "nextToken",
    "continuation_token",
    "continuationToken",
    "continue",
    "marker",
    "starting_after",
];
const SIZES: [&str; 13] = [
    "page_size",
    "pageSize",
    "per_page",
    "perPage",
    "size",
    "limit",
    "take",
    "count",
    "max_results",
    "maxResults",
    "top",
    "rows",
    "page_limit",
];
/// Places of the next cursor, where it isn't called like the parameter.
const NEXT: [&str; 10] = [
    "next_cursor",
    "nextCursor",
    "next_page_token",
    "nextPageToken",
    "next_token",
    "nextToken",
    "continue",
    "next",
    "next_marker",
    "end_cursor",
];
/// Places of the URL of the next page, where the document says that it is one.
const NEXT_URLS: [&str; 4] = ["next", "nextPage", "next_page", "after"];
/// Places of it that say so themselves.
const NEXT_LINKS: [&str; 8] = [
    "next_url",
    "nextUrl",
    "next_page_url",
    "nextPageUrl",
    "next_link",
    "nextLink",
    "nextPageLink",
    "@odata.nextLink",
];
const TOTALS: [&str; 9] = [
    "total",
    "total_count",
    "totalCount",
    "totalElements",
    "total_elements",
    "totalItems",
    "total_items",
    "totalResults",
    "total_results",
];

/// How many rows are asked for where the document has no limit.
const ROWS: i64 = 20;

/// Whether a parameter is about pages or the order of rows, and no filter.
pub(super) fn is_word(wire: &str) -> bool {
    let lists: [&[&str]; 4] = [&NUMBERS, &OFFSETS, &CURSORS, &SIZES];
    lists.iter().any(|list| list.contains(&wire))
        || ["sort", "order", "order_by", "sortBy", "before"].contains(&wire)
}

/// How the pages of a list are asked for, as far as its parameters and its answer tell.
pub(super) fn page(operation: &Operation) -> Option<Page> {
    let find = |names: &[&str]| {
        let mut asked = operation.parameters.iter().filter(|one| one.place == ParameterPlace::Query);
        asked.find(|one| names.contains(&&*one.name))
    };
    let size = find(&SIZES).filter(|one| {
        matches!(one.shape, Shape::Whole(..) | Shape::Decimal { .. } | Shape::Text { .. } | Shape::Any)
    });
    if let (Some(number), Some(size)) = (find(&NUMBERS), size) {
        let first = i64::from(
            !matches!(number.shape, Shape::Whole(Some(0), _))
                && !number.default.as_ref().is_some_and(|first| *first == 0.into()),
        );
        return Some(Page::Number {
            number: number.name.clone(),
            size: size.name.clone(),
            first,
            most: most(size),
        });
    }
    if let (Some(offset), Some(size)) = (find(&OFFSETS), size) {
        return Some(Page::Offset { offset: offset.name.clone(), size: size.name.clone(), most: most(size) });
    }
    let size = size.map(|size| (size.name.clone(), most(size)));
    let answer = operation.answer.as_ref()?;
    if let Some(next) = next_url(answer) {
        return Some(Page::Url { next: Some(next), size });
    }
    if let Some((cursor, next)) = find(&CURSORS).zip(next(answer)) {
        return Some(Page::Cursor { cursor: cursor.name.clone(), next, size });
    }
    operation.tells.iter().any(|header| header == "link").then_some(Page::Url { next: None, size })
}

fn most(size: &Parameter) -> i64 {
    if let Shape::Whole(_, Some(most)) = size.shape { most.clamp(1, 1_000) } else { ROWS }
}

/// The place of what comes next.
fn next(answer: &Shape) -> Option<String> {
    find(answer, &NEXT, &|shape| matches!(shape, Shape::Text { .. } | Shape::Whole(..)))
}

/// The place of the URL of the next page.
fn next_url(answer: &Shape) -> Option<String> {
    let text = |shape: &Shape| matches!(shape, Shape::Text { .. });
    let url = |shape: &Shape| matches!(shape, Shape::Text { kind: Kind::Url, .. });
    let link = |shape: &Shape| shape.member("href").is_some_and(|href| text(&href.shape));
    // What stands among links is one, whether the document says so or not: JSON:API, HAL.
    let among = ["links", "_links"].into_iter().find_map(|name| answer.member(name));
    let among = among.filter(|links| links.shape.member("next").is_some_and(|next| text(&next.shape)));
    find(answer, &NEXT_URLS, &url)
        .or_else(|| find(answer, &NEXT_LINKS, &text))
        .or_else(|| among.map(|links| format!("{}.next", place(&links.name))))
        .or_else(|| find(answer, &["next"], &link).map(|next| format!("{next}.href")))
}

/// Where a list tells how many rows there are on all pages.
pub(super) fn total(answer: &Shape) -> Option<String> {
    find(answer, &TOTALS, &|shape| matches!(shape, Shape::Whole(..) | Shape::Decimal { text: false, .. }))
}

/// The place of a field with one of these names, at the top or in a record there.
fn find(answer: &Shape, names: &[&str], fits: &dyn Fn(&Shape) -> bool) -> Option<String> {
    let of = |shape: &Shape| {
        let member = names.iter().find_map(|name| shape.member(name).filter(|member| fits(&member.shape)))?;
        Some(place(&member.name))
    };
    of(answer).or_else(|| {
        answer
            .members()
            .iter()
            .find_map(|outer| Some(format!("{}{}", place(&outer.name), &of(&outer.shape)?[1..])))
    })
}
