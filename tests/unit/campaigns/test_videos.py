"""Every way to write a video's address leads to the same one, and no other address to any."""

import pytest

from services.campaigns.videos.hosts import place_of

YOUTUBE = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s&si=whoShared", YOUTUBE),
        ("https://M.YouTube.com/watch?app=desktop&v=dQw4w9WgXcQ", YOUTUBE),
        ("https://youtu.be/dQw4w9WgXcQ?si=whoShared", YOUTUBE),
        (" https://youtube.com/shorts/dQw4w9WgXcQ/ ", YOUTUBE),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", YOUTUBE),
        ("https://player.vimeo.com/video/76979871#t=1", "https://vimeo.com/76979871"),
        ("https://www.instagram.com/p/Cx_1-aZ/?igsh=x", "https://www.instagram.com/reel/Cx_1-aZ/"),
        (
            "https://www.tiktok.com/@habay/video/7106594312292453675?lang=fr",
            "https://www.tiktok.com/@/video/7106594312292453675",
        ),
        (
            "https://m.facebook.com/watch?v=10153231379946729",
            "https://www.facebook.com/watch/?v=10153231379946729",
        ),
        (
            "https://www.facebook.com/habay/videos/10153231379946729/",
            "https://www.facebook.com/watch/?v=10153231379946729",
        ),
        ("https://dai.ly/x8abcde", "https://www.dailymotion.com/video/x8abcde"),
    ],
)
def test_a_video_has_one_address(link: str, url: str) -> None:
    assert place_of(link).url == url
    assert place_of(url) == place_of(link)


@pytest.mark.parametrize(
    "link",
    [
        "http://youtu.be/dQw4w9WgXcQ",
        "javascript:alert(1)//youtu.be/dQw4w9WgXcQ",
        "https://youtu.be@evil.example/dQw4w9WgXcQ",
        "https://user@youtu.be/dQw4w9WgXcQ",
        "https://youtu.be.evil.example/dQw4w9WgXcQ",
        "https://youtu.be:8443/dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ/../../x",
        "https://youtu.be/dQw4w9WgXc%51",
        "https://www.youtube.com/watch?v=<script>xx",
        "https://www.youtube.com/@habay",
        "https://www.youtube.com/watch",
        "https://vimeo.com/\u0661\u0662",
        "https://[::1/",
        "https://youtu.be/" + "a" * 600,
        "",
    ],
)
def test_what_is_no_single_video_on_a_known_platform_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match="address"):
        place_of(link)
