<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>AccountPage</name>
        <message numerus="yes">
            <source>%n loaded</source>
            <translation>
                <numerusform>%n loaded</numerusform>
                <numerusform>%n loaded</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>at {time}, in %n min</source>
            <translation>
                <numerusform>at {time}, in %n min</numerusform>
                <numerusform>at {time}, in %n min</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>ends on {day}, in %n days</source>
            <translation>
                <numerusform>ends on {day}, in %n day</numerusform>
                <numerusform>ends on {day}, in %n days</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Casework</name>
        <message numerus="yes">
            <source>%n left out</source>
            <translation>
                <numerusform>%n left out</numerusform>
                <numerusform>%n left out</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews go to the outbox to be published</source>
            <translation>
                <numerusform>%n review go to the outbox to be published</numerusform>
                <numerusform>%n reviews go to the outbox to be published</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Choosing</name>
        <message numerus="yes">
            <source>%n reviews</source>
            <translation>
                <numerusform>%n review</numerusform>
                <numerusform>%n reviews</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>from %n reviews</source>
            <translation>
                <numerusform>from %n review</numerusform>
                <numerusform>from %n reviews</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ContextPanel</name>
        <message numerus="yes">
            <source>%n more</source>
            <translation>
                <numerusform>%n more</numerusform>
                <numerusform>%n more</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Detail</name>
        <message numerus="yes">
            <source>%n attempts so far</source>
            <translation>
                <numerusform>%n attempt so far</numerusform>
                <numerusform>%n attempts so far</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Looked %n times, not found so far</source>
            <translation>
                <numerusform>Looked %n time, not found so far</numerusform>
                <numerusform>Looked %n times, not found so far</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Palette</name>
        <message numerus="yes">
            <source>on %n reviews</source>
            <translation>
                <numerusform>on %n review</numerusform>
                <numerusform>on %n reviews</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>used %n times</source>
            <translation>
                <numerusform>used %n time</numerusform>
                <numerusform>used %n times</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ProductCard</name>
        <message numerus="yes">
            <source>{mean} of 5 from %n reviews</source>
            <translation>
                <numerusform>{mean} of 5 from %n review</numerusform>
                <numerusform>{mean} of 5 from %n reviews</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ProductDetail</name>
        <message numerus="yes">
            <source>%n sources</source>
            <translation>
                <numerusform>%n source</numerusform>
                <numerusform>%n sources</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ProductModel</name>
        <message numerus="yes">
            <source>%n sources</source>
            <translation>
                <numerusform>%n source</numerusform>
                <numerusform>%n sources</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>SelectionCard</name>
        <message numerus="yes">
            <source>%n are answered at the source</source>
            <translation>
                <numerusform>%n are answered at the source</numerusform>
                <numerusform>%n are answered at the source</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n can be answered here</source>
            <translation>
                <numerusform>%n can be answered here</numerusform>
                <numerusform>%n can be answered here</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n can get a private message</source>
            <translation>
                <numerusform>%n can get a private message</numerusform>
                <numerusform>%n can get a private message</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n languages</source>
            <translation>
                <numerusform>%n language</numerusform>
                <numerusform>%n languages</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n sources</source>
            <translation>
                <numerusform>%n source</numerusform>
                <numerusform>%n sources</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n with one saved reply</source>
            <translation>
                <numerusform>%n with one saved reply</numerusform>
                <numerusform>%n with one saved reply</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>StatusLine</name>
        <message numerus="yes">
            <source>%n accounts load</source>
            <translation>
                <numerusform>%n account loads</numerusform>
                <numerusform>%n accounts load</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n d ago</source>
            <translation>
                <numerusform>%n d ago</numerusform>
                <numerusform>%n d ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n failed</source>
            <translation>
                <numerusform>%n failed</numerusform>
                <numerusform>%n failed</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n h ago</source>
            <translation>
                <numerusform>%n h ago</numerusform>
                <numerusform>%n h ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n loaded</source>
            <translation>
                <numerusform>%n loaded</numerusform>
                <numerusform>%n loaded</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n min ago</source>
            <translation>
                <numerusform>%n min ago</numerusform>
                <numerusform>%n min ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews so far</source>
            <translation>
                <numerusform>%n review so far</numerusform>
                <numerusform>%n reviews so far</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n scheduled, next {when}</source>
            <translation>
                <numerusform>%n scheduled, next {when}</numerusform>
                <numerusform>%n scheduled, next {when}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n waiting</source>
            <translation>
                <numerusform>%n waiting</numerusform>
                <numerusform>%n waiting</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Activity, %n new</source>
            <translation>
                <numerusform>Activity, %n new</numerusform>
                <numerusform>Activity, %n new</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Views</name>
        <message numerus="yes">
            <source>%n views added from {name}</source>
            <translation>
                <numerusform>%n view added from {name}</numerusform>
                <numerusform>%n views added from {name}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n views written</source>
            <translation>
                <numerusform>%n view written</numerusform>
                <numerusform>%n views written</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>bulk</name>
        <message numerus="yes">
            <source>%n became drafts again</source>
            <translation>
                <numerusform>%n became a draft again</numerusform>
                <numerusform>%n became drafts again</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n delivered</source>
            <translation>
                <numerusform>%n delivered</numerusform>
                <numerusform>%n delivered</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n go out</source>
            <translation>
                <numerusform>%n goes out</numerusform>
                <numerusform>%n go out</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n held</source>
            <translation>
                <numerusform>%n held</numerusform>
                <numerusform>%n held</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n left out by you</source>
            <translation>
                <numerusform>%n left out by you</numerusform>
                <numerusform>%n left out by you</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n need a look</source>
            <translation>
                <numerusform>%n needs a look</numerusform>
                <numerusform>%n need a look</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n not accepted</source>
            <translation>
                <numerusform>%n not accepted</numerusform>
                <numerusform>%n not accepted</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n not sent</source>
            <translation>
                <numerusform>%n not sent</numerusform>
                <numerusform>%n not sent</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n taken back</source>
            <translation>
                <numerusform>%n taken back</numerusform>
                <numerusform>%n taken back</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n under way</source>
            <translation>
                <numerusform>%n under way</numerusform>
                <numerusform>%n under way</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Publish %n replies</source>
            <translation>
                <numerusform>Publish %n reply</numerusform>
                <numerusform>Publish %n replies</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Reply to %n reviews</source>
            <translation>
                <numerusform>Reply to %n review</numerusform>
                <numerusform>Reply to %n reviews</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>data</name>
        <message numerus="yes">
            <source>%n days</source>
            <translation>
                <numerusform>%n day</numerusform>
                <numerusform>%n days</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n entries erased.</source>
            <translation>
                <numerusform>%n entry erased.</numerusform>
                <numerusform>%n entries erased.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n entries found.</source>
            <translation>
                <numerusform>%n entry found.</numerusform>
                <numerusform>%n entries found.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n entries went by their age</source>
            <translation>
                <numerusform>%n entry went by their age</numerusform>
                <numerusform>%n entries went by their age</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n lines written to {file}.</source>
            <translation>
                <numerusform>%n line written to {file}.</numerusform>
                <numerusform>%n lines written to {file}.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews written to {file} ({size}).</source>
            <translation>
                <numerusform>%n review written to {file} ({size}).</numerusform>
                <numerusform>%n reviews written to {file} ({size}).</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n years</source>
            <translation>
                <numerusform>%n year</numerusform>
                <numerusform>%n years</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Cut to what a cell takes: %n texts.</source>
            <translation>
                <numerusform>Cut to what a cell takes: %n text.</numerusform>
                <numerusform>Cut to what a cell takes: %n texts.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Longer than a spreadsheet shows: %n texts.</source>
            <translation>
                <numerusform>Longer than a spreadsheet shows: %n text.</numerusform>
                <numerusform>Longer than a spreadsheet shows: %n texts.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>older, and going now: %n entries.</source>
            <translation>
                <numerusform>older, and going now: %n entry.</numerusform>
                <numerusform>older, and going now: %n entries.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>{view}: %n reviews, as the list shows them now</source>
            <translation>
                <numerusform>{view}: %n review, as the list shows them now</numerusform>
                <numerusform>{view}: %n reviews, as the list shows them now</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>inbox</name>
        <message numerus="yes">
            <source>%n days ago</source>
            <translation>
                <numerusform>%n day ago</numerusform>
                <numerusform>%n days ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n hours ago</source>
            <translation>
                <numerusform>%n hour ago</numerusform>
                <numerusform>%n hours ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n minutes ago</source>
            <translation>
                <numerusform>%n minute ago</numerusform>
                <numerusform>%n minutes ago</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews</source>
            <translation>
                <numerusform>%n review</numerusform>
                <numerusform>%n reviews</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n years ago</source>
            <translation>
                <numerusform>%n year ago</numerusform>
                <numerusform>%n years ago</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>printing</name>
        <message numerus="yes">
            <source>%n reviews with their public replies and facts, each from a new page on</source>
            <translation>
                <numerusform>%n review with their public replies and facts, each from a new page on</numerusform>
                <numerusform>%n reviews with their public replies and facts, each from a new page on</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Not printed: %n more entries</source>
            <translation>
                <numerusform>Not printed: %n more entry</numerusform>
                <numerusform>Not printed: %n more entries</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>[not printed: %n more characters]</source>
            <translation>
                <numerusform>[not printed: %n more character]</numerusform>
                <numerusform>[not printed: %n more characters]</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>saved</name>
        <message numerus="yes">
            <source>%n written</source>
            <translation>
                <numerusform>%n written</numerusform>
                <numerusform>%n written</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Used %n times</source>
            <translation>
                <numerusform>Used %n time</numerusform>
                <numerusform>Used %n times</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sidebar</name>
        <message numerus="yes">
            <source>%n not accepted</source>
            <translation>
                <numerusform>%n not accepted</numerusform>
                <numerusform>%n not accepted</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews arrived</source>
            <translation>
                <numerusform>%n review arrived</numerusform>
                <numerusform>%n reviews arrived</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n to look at</source>
            <translation>
                <numerusform>%n to look at</numerusform>
                <numerusform>%n to look at</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n waiting</source>
            <translation>
                <numerusform>%n waiting</numerusform>
                <numerusform>%n waiting</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>steps</name>
        <message numerus="yes">
            <source>%n reviews done</source>
            <translation>
                <numerusform>%n review done</numerusform>
                <numerusform>%n reviews done</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews given to nobody</source>
            <translation>
                <numerusform>%n review given to nobody</numerusform>
                <numerusform>%n reviews given to nobody</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews given to {name}</source>
            <translation>
                <numerusform>%n review given to {name}</numerusform>
                <numerusform>%n reviews given to {name}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews hidden here</source>
            <translation>
                <numerusform>%n review hidden here</numerusform>
                <numerusform>%n reviews hidden here</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews marked read</source>
            <translation>
                <numerusform>%n review marked read</numerusform>
                <numerusform>%n reviews marked read</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews marked unread</source>
            <translation>
                <numerusform>%n review marked unread</numerusform>
                <numerusform>%n reviews marked unread</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews reopened</source>
            <translation>
                <numerusform>%n review reopened</numerusform>
                <numerusform>%n reviews reopened</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews shown again</source>
            <translation>
                <numerusform>%n review shown again</numerusform>
                <numerusform>%n reviews shown again</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews snoozed</source>
            <translation>
                <numerusform>%n review snoozed</numerusform>
                <numerusform>%n reviews snoozed</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews starred</source>
            <translation>
                <numerusform>%n review starred</numerusform>
                <numerusform>%n reviews starred</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews tagged {name}</source>
            <translation>
                <numerusform>%n review tagged {name}</numerusform>
                <numerusform>%n reviews tagged {name}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n reviews waiting for the customer</source>
            <translation>
                <numerusform>%n review waiting for the customer</numerusform>
                <numerusform>%n reviews waiting for the customer</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Star taken from %n reviews</source>
            <translation>
                <numerusform>Star taken from %n review</numerusform>
                <numerusform>Star taken from %n reviews</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Tag {name} taken from %n reviews</source>
            <translation>
                <numerusform>Tag {name} taken from %n review</numerusform>
                <numerusform>Tag {name} taken from %n reviews</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>wizard</name>
        <message numerus="yes">
            <source>about %n h</source>
            <translation>
                <numerusform>about %n h</numerusform>
                <numerusform>about %n h</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>about %n min</source>
            <translation>
                <numerusform>about %n min</numerusform>
                <numerusform>about %n min</numerusform>
            </translation>
        </message>
    </context>
</TS>
