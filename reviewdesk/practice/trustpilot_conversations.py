"""Trustpilot's conversations: created on a review, appended to, edited, shown or hidden; nothing is ever deleted."""

from __future__ import annotations

from typing import Any

from reviewdesk.practice.calls import Answer, Call, route
from reviewdesk.practice.checks import bad, json_object, parameters
from reviewdesk.practice.keys import USERS
from reviewdesk.practice.trustpilot_auth import TrustpilotAuth

__all__ = ["TrustpilotConversations", "conversation_record"]

Record = dict[str, Any]
_TALK = "/v1/private/conversations/{conversation}"


class TrustpilotConversations(TrustpilotAuth):
    """Mixed into TrustpilotServer, which provides the records."""

    def talk_of(self, record: Record) -> Record:
        """The review's conversation, created when there is none."""
        if not record["conversationId"]:
            talk = self.new_id()
            record["conversationId"] = talk
            self.data["conversations"][talk] = conversation_record(talk, record, [])
            self.keep("conversations", talk)
            self.keep("reviews", record["id"])
        return self.data["conversations"][record["conversationId"]]

    def say(self, talk: Record, content: str, author: str, kind: str, integration: str | None = None) -> str:
        comment = {
            "commentId": self.new_id(),
            "createdAt": self.now_text(),
            "author": {"id": author, "type": kind},
            "content": content,
        }
        if integration is not None:
            comment["_integrationId"] = integration
        talk["comments"].append(comment)
        self.keep("conversations", talk["id"])
        return str(comment["commentId"])

    # --- conversations ---------------------------------------------------------------------------

    def _private_talk(self, call: Call, conversation: str) -> Record:
        self.need_token(call)
        if conversation not in self.data["conversations"]:
            raise bad(f"Conversation {conversation} was not found", 404, "unknown-conversation")
        return self.data["conversations"][conversation]

    @route("POST", "/v1/private/product-reviews/{review}/create-conversation")
    def create_conversation(self, call: Call, review: str) -> Record:
        self.need_token(call)
        parameters(call, {})
        if call.body and call.content_type != "application/json":
            raise bad("Unsupported Media Type", 415, "wrong-content-type")
        record = self.data["reviews"].get(review)
        if record is None:
            raise bad(f"Product review {review} was not found", 404, "unknown-review")
        return {"conversationId": self.talk_of(record)["id"]}

    @route("POST", f"{_TALK}/comments")
    def add_comment(self, call: Call, conversation: str) -> Record:
        talk = self._private_talk(call, conversation)
        author = self._author(call)
        body = self._comment_body(call)
        key = self.say(talk, body["content"], author, "businessUser", body.get("integrationId"))
        return _comment(next(c for c in talk["comments"] if c["commentId"] == key))

    @route("PUT", f"{_TALK}/comments/{{comment}}")
    def edit_comment(self, call: Call, conversation: str, comment: str) -> Record:
        talk = self._private_talk(call, conversation)
        self._author(call)
        found = self._find_comment(talk, comment)
        body = self._comment_body(call)
        if found["author"]["type"] != "businessUser":
            raise bad("Only comments of the business can be edited", 403, "not-yours")
        found["content"] = body["content"]
        self.keep("conversations", conversation)
        return _comment(found)

    @route("GET", f"{_TALK}/comments/{{comment}}")
    def get_comment(self, call: Call, conversation: str, comment: str) -> Record:
        talk = self._private_talk(call, conversation)
        return _comment(self._find_comment(talk, comment))

    @route("GET", _TALK)
    def get_conversation(self, call: Call, conversation: str) -> Record:
        talk = self._private_talk(call, conversation)
        parameters(call, {})
        return talk | {"comments": [_comment(c) for c in talk["comments"]]}

    @route("POST", f"{_TALK}/state")
    def set_conversation_state(self, call: Call, conversation: str) -> Answer:
        talk = self._private_talk(call, conversation)
        body = json_object(call, {"state": str}, required=["state"])
        if body["state"] not in ("public", "private"):
            raise bad("'state' must be public or private", outcome="bad-field")
        talk["state"] = body["state"]
        self.keep("conversations", conversation)
        return Answer(None, 200)

    @route("GET", "/v1/conversations/{conversation}")
    def public_conversation(self, call: Call, conversation: str) -> Record:
        self.need_key(call)
        talk = self.data["conversations"].get(conversation)
        if talk is None or talk["state"] != "public":
            raise bad(f"Conversation {conversation} was not found", 404, "unknown-conversation")
        return {
            "id": talk["id"],
            "businessUnitId": talk["businessUnitId"],
            "consumerId": talk["consumerId"],
            "comments": [_comment(c) for c in talk["comments"]],
        }

    def _author(self, call: Call) -> str:
        """Which user a comment belongs to is undocumented for application tokens: the first one, unless named."""
        return self.need_user(
            call, call.headers.get("x-business-user-id") or self.need_token(call) or next(iter(USERS)), ""
        )

    @staticmethod
    def _comment_body(call: Call) -> Record:
        body = json_object(call, {"content": str, "integrationId": (str, type(None))}, required=["content"])
        if not body["content"].strip():
            raise bad("'content' is empty", outcome="missing-field")
        return body

    @staticmethod
    def _find_comment(talk: Record, comment: str) -> Record:
        comments: list[Record] = talk["comments"]
        for each in comments:
            if each["commentId"] == comment:
                return each
        raise bad(f"Comment {comment} was not found", 404, "unknown-comment")


def _comment(comment: Record) -> Record:
    return {name: value for name, value in comment.items() if not name.startswith("_")}


def conversation_record(key: str, record: Record, comments: list[Record]) -> Record:
    return {
        "id": key,
        "businessUnitId": record["businessUnitId"],
        "consumerId": record["consumer"]["id"],
        "source": "Product reviews",
        "sourceId": record["id"],
        "state": "public",
        "comments": comments,
    }
