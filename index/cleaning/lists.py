"""Lists: lines of buttons and prompts, in lower case without the marks around them."""

from __future__ import annotations

BUTTONS = frozenset((
    "share", "tweet", "post", "email", "e-mail", "print", "facebook", "twitter", "x", "linkedin", "reddit", "pinterest",
    "whatsapp", "telegram", "viber", "messenger", "instagram", "youtube", "copy link", "copy url", "flipboard",
    "pin it", "save", "bookmark", "like", "vk", "odnoklassniki", "tumblr", "threads", "bluesky", "mastodon",
    "link copied", "pocket", "comment",
    "dislike", "love", "funny", "angry", "sad", "wow", "happy", "haha", "excited", "sleepy", "0"))
SHARE = frozenset((
    "share this", "share this article", "share this story", "share this post", "share this page", "share on facebook",
    "share on twitter", "share on x", "share on whatsapp", "share on linkedin", "share on telegram", "share via email",
    "share article", "share the article", "share story", "share with", "copy this link", "about sharing", "like this",
    "click to share on facebook", "click to share on twitter", "what's your reaction", "what’s your reaction",
    "listen to article", "share this article share tweet post email", "share this: pocket", "поділитися", "поделиться",
    "поділитися у facebook", "teilen", "artikel teilen", "partager", "partager cet article", "compartir", "condividi",
    "udostępnij"))
COMMENTS = frozenset((
    "leave a reply", "leave a comment", "post a comment", "comments", "comment", "view comments", "show comments",
    "add a comment", "join the conversation", "cancel reply", "leave a reply cancel reply", "no comments",
    "be the first to comment", "website", "comments are closed", "log in to comment", "login to comment",
    "you must be logged in to post a comment", "залишити коментар", "оставить комментарий", "коментарі", "комментарии",
    "kommentare", "kommentar schreiben", "commentaires", "laisser un commentaire", "deja una respuesta"))
PROMPTS = frozenset((
    "advertisement", "advertisement - scroll to continue", "story continues below advertisement", "story continues",
    "advertisement continue reading the main story", "continue reading the main story", "article continues below", "ad",
    "sponsored content", "subscribe", "subscribe now", "sign up", "sign up for daily newsletters", "manage newsletters",
    "app users click here", "loading", "continue reading", "read next", "related articles", "related stories",
    "related topics", "related", "more on this story", "more stories", "most read", "most popular", "recommended",
    "editor's picks", "trending", "up next", "read more", "реклама", "anzeige", "werbung", "publicité", "publicidad",
    "pubblicità", "читайте також", "читайте также", "mehr zum thema", "lire aussi", "à lire aussi", "lesen sie auch",
    "back to top", "skip to content", "get the app"))
LISTED = BUTTONS | SHARE | COMMENTS | PROMPTS
FIRST = frozenset(start.casefold() for start in (
    "Your", "Requ", "Save", "Sign", "Log ", "Ваша", "Ваш ", "Dein", "Copy", "All ", "Clic", "Tap ", "Subs", "Get ",
    "Foll", "Like", "Medi", "Enla", "Just", "Must", "Підп", "Подп", "Down", "Our ", "Read", "Rela", "Also", "See ",
    "Watc", "More", "Don'", "Чита", "Lire", "À li", "Lese", "Mehr", "Legg", "Lea ", "Leia", "Czyt"))
"""How the lines that the patterns in `furniture.py` match begin: most lines need not be looked at."""
