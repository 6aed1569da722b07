"""Texts of the store `demo`."""

STORE = {
    "name": "Vitrine Demo",
    "tagline": "Good things for every day, from near and not so far.",
    "legal_name": "Vitrine Demo, Lda.",
    "legal_address": "Rua do Exemplo 24\n1200-109 Lisboa\nPortugal",
    "footer_text": "An invented shop. Nothing here is for sale, and no parcel will come.",
    "bank": "Please transfer the total to IBAN PT50 0002 0123 1234 5678 9015 4 (BIC DEMOPTPL), account holder "
    "Vitrine Demo, Lda., and give your order number as the reference. We pack as soon as it has arrived.",
}

SHIPPING = {
    "mainland": ("Portugal, mainland", "CTT home delivery", "Pick-up point", "Collect in the shop, Lisbon"),
    "islands": ("Azores and Madeira", "CTT to the islands", "", ""),
    "europe": ("European Union", "Tracked parcel", "Express", ""),
    "world": ("Rest of the world", "International, tracked", "", ""),
}

COUPONS = {
    "welcome": "Ten percent off the first order",
    "minus": "€5 off orders from €40",
    "old": "Summer campaign, over",
}

HISTORY = {
    "note": "Please leave it with the neighbour on the ground floor if nobody is in.",
    "hold": "The address looks incomplete; asked the customer.",
    "returned": "Did not suit, sent back unused",
    "all_returned": "Everything sent back within thirty days",
    "changed_mind": "The customer has changed their mind.",
    "damaged": "The last piece was damaged in our store.",
}

PAGES = (
    (
        "delivery",
        "Delivery",
        """<h2>When it comes</h2>
<p>We pack from Monday to Friday. What is ordered before two in the afternoon leaves the same day.</p>
<ul>
<li>Portugal, mainland: 1 to 2 working days</li>
<li>Azores and Madeira: 4 to 8 working days</li>
<li>European Union: 3 to 6 working days</li>
<li>Rest of the world: 7 to 15 working days</li>
</ul>
<h2>What it costs</h2>
<p>The basket shows the cost for your address before you pay. Mainland deliveries are free from €60.</p>
<h2>Collecting</h2>
<p>You may also collect from our shop in Lisbon. We write when your order is ready, and keep it for ten days.</p>""",
    ),
    (
        "returns",
        "Returns",
        """<h2>Thirty days to change your mind</h2>
<p>Send back what you do not want within thirty days of its arrival, unused and in its packaging. You need give no
reason. Write to us first, so that we know what is coming.</p>
<h2>What you get back</h2>
<p>The price of what you return, within five days of our receiving it, by the way you paid. If you return the whole
order, the standard delivery cost too.</p>
<h2>What we can't take back</h2>
<p>Food and care products that were opened, e-books that were downloaded, and gift cards that were used.</p>
<h2>Something is broken</h2>
<p>Then it is our turn: send a photograph, and we replace or refund it. You need not send the pieces back.</p>""",
    ),
    (
        "about",
        "About us",
        """<p>We began in 2014 with one shelf of cups and a coffee roaster who owed us a favour. Today we look after
sixty things that we use ourselves, most of them made by people whose workshop we have stood in.</p>
<p>We add little and drop what we would not buy again. If a thing can be mended, we say how; if it can't, we ask why we
sell it.</p>""",
    ),
    (
        "contact",
        "Contact",
        """<p>Write to <a href="mailto:hello@demo.test">hello@demo.test</a>. A person answers, mostly within a day.</p>
<p>By telephone: +351 210 000 000, Monday to Friday, 9:30 to 17:30.</p>
<p>The shop: Rua do Exemplo 24, 1200-109 Lisboa. Tuesday to Saturday, 10:00 to 19:00.</p>""",
    ),
    (
        "privacy",
        "Privacy",
        """<p>We keep what an order needs: your name, addresses, e-mail, telephone if you gave it, and what you bought.
We keep it as long as the law asks for our books, and no longer.</p>
<h2>Who else sees it</h2>
<p>The carrier that brings your parcel and the company that handles the payment. Card numbers never reach us.</p>
<h2>Your rights</h2>
<p>You may see, correct, take away or erase what we hold on you: in your account, or by writing to
<a href="mailto:privacy@demo.test">privacy@demo.test</a>. You may complain to the data protection authority.</p>
<h2>Cookies</h2>
<p>One keeps your basket and one keeps you signed in. There are no others, so there is no banner.</p>""",
    ),
    (
        "terms",
        "Terms of sale",
        """<h2>Who sells</h2>
<p>Vitrine Demo, Lda., Rua do Exemplo 24, 1200-109 Lisboa. This is an invented company.</p>
<h2>The contract</h2>
<p>Your order is an offer; our confirmation accepts it. Prices include value added tax. Delivery is shown before you
order.</p>
<h2>Withdrawal</h2>
<p>You may withdraw within 14 days of receiving the goods, without giving a reason. Of our own accord we make it
thirty; see <a href="/pages/returns">Returns</a>.</p>
<h2>Guarantee</h2>
<p>The legal guarantee of three years applies to everything we sell.</p>
<p>These are model words for a demonstration. Have your own checked before you use them.</p>""",
    ),
)

# By kind of thing, so that nobody praises the fit of a teapot. {name} is the product's name.
REVIEWS: dict[str, tuple[tuple[int, str, str], ...]] = {
    "taste": (
        (5, "Better than the last three I tried", "Fresh, and it smells like it when the bag is opened. Second order "
         "within a month."),
        (5, "Our new everyday", "We had friends over and everybody asked where it comes from."),
        (5, "Exactly as described", "Sometimes the notes on a label are poetry. These were true."),
        (4, "Very good", "A little lighter than I expected, but clean and pleasant. I will take the larger size next "
         "time."),
        (4, "Good, quick delivery", "Arrived the next day, well packed."),
        (4, "", "Lovely. I only wish the packet could be closed again."),
        (3, "Not quite mine", "Nothing wrong with it, a matter of taste. The staff answered my question kindly."),
        (5, "A small luxury", "Not cheap, but a little goes a long way."),
        (2, "Arrived late", "The quality is fine, but the parcel took nine days."),
        (5, "", "Bought as a present, kept for myself."),
    ),
    "table": (
        (5, "Feels good in the hand", "Heavier than it looks in the picture, in a good way. Goes into the dishwasher "
         "every day and shows nothing."),
        (5, "Bought one, then three more", "The colour is warmer in daylight than on my screen."),
        (5, "Beautifully made", "You can see that a person made it. Two of mine differ a little, and I like that."),
        (4, "Very happy", "One star less because the box was bigger than my letterbox, so I had to collect it."),
        (4, "Good quality", "A bit smaller than I had imagined. Measure first!"),
        (5, "The one I reach for", "Three months of daily use and it still makes me smile."),
        (3, "Fine", "Pretty, but the glaze has a small spot on the back. They offered to exchange it."),
        (5, "", "Perfect. Packed in paper, no plastic."),
        (2, "Broken on arrival", "One was in pieces. It was replaced within two days without any discussion, so two "
         "stars for the luck and five for the service."),
        (4, "", "As in the picture."),
    ),
    "home": (
        (5, "Changed the corner of our room", "We did not think so small a thing would do it."),
        (5, "Lovely quality", "Feels solid, looks calm. My mother wants one as well."),
        (4, "Nice, a little darker", "The colour is a shade darker than in the photograph, but it fits."),
        (5, "Worth the wait", "It was out of stock twice. Now I know why."),
        (4, "Good", "Well packed, everything there. The instructions are a drawing and that is enough."),
        (3, "Smaller than I thought", "My mistake, the size is given. Still pretty."),
        (5, "", "A gift that arrived on the day before the birthday. Thank you!"),
        (4, "Would buy again", "Honest thing at an honest price."),
        (1, "Not for me", "Looked different in my living room. Sending it back was easy, though."),
    ),
    "wear": (
        (5, "Fits as it should", "I am 1.76 m and took M. Washed it ten times, and it is the same as on the first "
         "day."),
        (5, "So warm", "Wore it on a windy ferry without a jacket."),
        (4, "Runs a little large", "Took S instead of M, now it is perfect."),
        (5, "Soft, no itching", "I usually can't wear wool. This I can."),
        (4, "Good cloth", "Thick, straight cut. The print is crisp."),
        (3, "Colour differs", "Nice to wear, but less bright than on my screen."),
        (5, "My third", "One for work, one for home, one for my brother, who has not given it back."),
        (4, "", "Good quality, fast delivery."),
        (2, "Shrank", "I washed it at 40, the label says 30. My fault, but it was only once."),
        (5, "Will be mended, not replaced", "A seam came loose after a year and they repaired it free of charge."),
    ),
    "care": (
        (5, "No perfume cloud", "Smells of what is written on it, and after an hour of nothing. Just right."),
        (5, "My skin says thank you", "Three weeks in, and no more dry patches."),
        (4, "Lasts long", "Used daily for two months, and there is some left."),
        (4, "", "Pleasant and simple."),
        (3, "Fine", "Does what it should. The cap could close better."),
        (5, "Finally a refill", "Why does not everybody do this?"),
        (5, "Gift for my sister", "She has already ordered her own."),
        (2, "Too strong for me", "My partner took it over and is happy."),
    ),
    "paper": (
        (5, "Lies flat!", "A notebook that stays open by itself. That is all I ever wanted."),
        (5, "Read it in one evening", "And then again, slower."),
        (4, "Beautifully printed", "Fine paper, a pleasure to hold. One corner was a little bent."),
        (5, "Great present", "Wrapped nicely too."),
        (4, "", "Good quality, as described."),
        (3, "Good, but thin", "I had expected more pages for the price."),
        (5, "Deep colours", "The print looks even better than on the site. Hung it the same day."),
    ),
    "play": (
        (5, "Survived two toddlers", "Thrown, chewed, left in the rain. Still the favourite."),
        (5, "Beautiful wood", "No smell of paint at all. My daughter takes it to bed."),
        (4, "Fun for the grown-ups too", "We did it twice in one weekend."),
        (4, "", "Nice and sturdy."),
        (5, "Flew at the first try", "A windy Sunday, a happy child."),
        (3, "Good but few pieces", "She was through with it quickly. A larger one would be good."),
        (5, "Lovely gift", "For a second birthday; everybody asked about it."),
    ),
}  # fmt: skip
