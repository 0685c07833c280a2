namespace Coco.Tests.Tunnels.Rtsp;

/// <summary>What both ends make of a conversation, from the player to the server and back.</summary>
public sealed class RtspRelayTests
{
    private const string Url = "rtsp://127.0.0.1:8554/door";

    [Theory]
    [InlineData("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")]
    [InlineData("DESCRIBE rtsp://127.0.0.1:8554/door RTSP/1.0\r\ncseq:2\r\nAuthorization: Digest uri=\"rtsp://127.0.0.1:8554/door\"\r\n\r\n")] // RFC 7616: a digest is over the address
    [InlineData("ANNOUNCE rtsp://127.0.0.1:8554/live RTSP/1.0\r\nCSeq: 3\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n")]
    [InlineData("SETUP rtsp://127.0.0.1:8554/door/1 RTSP/1.0\r\nCSeq: 4\r\nTransport:  RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n")]
    [InlineData("PLAY rtsp://127.0.0.1:8554/door RTSP/1.0\r\nCSeq: 5\r\nRange: npt=0-\r\n\r\n$\u0001\0\u0002rr")]
    [InlineData("GET_PARAMETER rtsp://127.0.0.1:8554/door RTSP/1.0\r\nCSeq: 6\r\nSession: 1\r\n\r\n\r\n")]
    [InlineData("RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n")] // to what the server asked
    public void All_but_places_of_media_goes_on_as_it_came(string text)
    {
        var pair = new RelayPair();
        Assert.Equal(text, pair.Ask(text));
        Assert.Equal("", pair.Own());
        Assert.Empty(pair.AtPlayer.All);
    }

    [Fact]
    public void A_players_ports_become_those_of_the_end_beside_it_and_the_servers_too()
    {
        var pair = new RelayPair();

        Assert.Equal(Setup(1, "RTP/AVP/UDP;unicast;client_port=40000-40001;mode=record"), pair.Ask(Setup(1, "RTP/AVP/UDP;unicast;client_port=5000-5001;mode=record")));
        Assert.Contains("RTP/AVP/UDP;unicast;coco-flow=6-7;mode=record", pair.Between);
        var told = pair.Answer(Answer(1, "RTP/AVP;unicast;destination=192.0.2.1;source=192.0.2.7;client_port=40000-40001;server_port=6970-6971;ssrc=1234ABCD"));

        Assert.Equal(Answer(1, "RTP/AVP;unicast;source=127.0.0.1;client_port=5000-5001;server_port=30000-30001;ssrc=1234ABCD"), told);
        Assert.Contains("RTP/AVP;unicast;coco-flow=6-7;ssrc=1234ABCD", pair.Between); // no address of either side crosses
        Assert.Equal("127.0.0.1:5000-5001", pair.AtPlayer.All.Single().Remote);
        Assert.Equal("192.0.2.7:6970-6971", pair.AtServer.All.Single().Remote);
    }

    [Fact] // RFC 7826 §18.54
    public void So_they_do_in_RTSP_2()
    {
        var pair = new RelayPair(player: "192.0.2.53", server: "198.51.100.241:554");
        var asked = Setup(1, "RTP/AVP/UDP;unicast;dest_addr=\"192.0.2.53:4588\"/\"192.0.2.53:4589\";mode=\"PLAY\",RTP/AVP/TCP;unicast;interleaved=0-1").Replace("RTSP/1.0", "RTSP/2.0", StringComparison.Ordinal);

        Assert.Contains("\r\nTransport: RTP/AVP/UDP;unicast;dest_addr=\":40000\"/\":40001\";mode=\"PLAY\",RTP/AVP/TCP;unicast;interleaved=0-1\r\n", pair.Ask(asked));
        var told = pair.Answer("RTSP/2.0 200 OK\r\nCSeq: 1\r\nSession: 1\r\nTransport: RTP/AVP/UDP;unicast;dest_addr=\"198.51.100.9:40000\"/\"198.51.100.9:40001\";src_addr=\"198.51.100.241:6256\"/\"198.51.100.241:6257\";ssrc=2A3F93ED\r\n\r\n");

        Assert.Contains("\r\nTransport: RTP/AVP/UDP;unicast;dest_addr=\"192.0.2.53:4588\"/\"192.0.2.53:4589\";src_addr=\"192.0.2.53:30000\"/\"192.0.2.53:30001\";ssrc=2A3F93ED\r\n", told);
        Assert.Equal("198.51.100.241:6256-6257", pair.AtServer.All.Single().Remote);
    }

    [Fact]
    public void An_address_of_IPv6_is_not_written_where_nothing_says_how()
    {
        var pair = new RelayPair(player: "::1", server: "[2001:db8::7]:554");
        pair.Ask(Setup(1, "RTP/AVP;unicast;client_port=5000-5001;destination=::1"));
        Assert.Equal(Answer(1, "RTP/AVP;unicast;client_port=5000-5001;server_port=30000-30001"), pair.Answer(Answer(1, "RTP/AVP;unicast;client_port=40000-40001;source=2001:db8::7;server_port=6970-6971")));
        Assert.Equal("::1:5000-5001", pair.AtPlayer.All.Single().Remote);
        Assert.Equal("2001:db8::7:6970-6971", pair.AtServer.All.Single().Remote);
    }

    [Theory] // what the server gets
    [InlineData("RTP/AVP;multicast,RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=0-1", "RTP/AVP;unicast;client_port=40000-40001,RTP/AVP/TCP;unicast;interleaved=0-1")]
    [InlineData("RTP/AVPF;unicast;client_port=5000-5001,RTP/AVP;unicast;client_port=5000-5001", "RTP/AVPF;unicast;client_port=40000-40001,RTP/AVP;unicast;client_port=40000-40001")]
    [InlineData("RTP/AVP;unicast;client_port=5000-5001,RTP/AVP;unicast;client_port=6000", "RTP/AVP;unicast;client_port=40000-40001,RTP/AVP;unicast;client_port=40002")]
    [InlineData("RTP/AVP;unicast;destination;client_port=5000-5001", "RTP/AVP;unicast;client_port=40000-40001")]
    [InlineData("RTP/AVP;unicast;destination=127.0.0.1;client_port=5000-5001", "RTP/AVP;unicast;client_port=40000-40001")] // itself
    [InlineData("RTP/AVP;unicast;client_port=5000-5001;coco-flow=99;server_port=53;source=192.0.2.9", "RTP/AVP;unicast;client_port=40000-40001")]
    [InlineData("RTP/AVP/TCP;unicast;interleaved=2-3;destination=192.0.2.99", "RTP/AVP/TCP;unicast;interleaved=2-3")]
    [InlineData("RTP/AVP/TCP;unicast;client_port=5000-5001,RTP/AVP/TCP;interleaved=0-1", "RTP/AVP/TCP;interleaved=0-1")] // another connection would be needed
    public void What_no_tunnel_carries_is_not_offered(string asked, string offered)
    {
        var pair = new RelayPair();
        Assert.Equal(Setup(1, offered), pair.Ask(Setup(1, asked)));
        Assert.Equal("", pair.Own());
    }

    [Theory]
    [InlineData("RTP/AVP;multicast", "1.0", "461 Unsupported Transport")]
    [InlineData("RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.99", "1.0", "461 Unsupported Transport")] // RFC 2326 §12.39
    [InlineData("RTP/AVP;unicast;client_port=5000-5001;destination=victim.example", "1.0", "461 Unsupported Transport")]
    [InlineData("RTP/AVP;unicast;dest_addr=\"192.0.2.99:5000\"", "2.0", "463 Destination Prohibited")] // RFC 7826 §17.4.27
    [InlineData("RTP/AVP;unicast", "1.0", "461 Unsupported Transport")] // where to?
    [InlineData("RTP/AVP;unicast;client_port=99999", "1.0", "461 Unsupported Transport")]
    [InlineData("RTP/AVP/DCCP;unicast;client_port=5000-5001", "1.0", "461 Unsupported Transport")]
    [InlineData("nonsense", "1.0", "400 Bad Request")]
    public void Where_nothing_is_left_the_server_is_not_asked(string asked, string version, string refusal)
    {
        var pair = new RelayPair();
        Assert.Equal("", pair.Ask(Setup(7, asked).Replace("RTSP/1.0", $"RTSP/{version}", StringComparison.Ordinal)));
        Assert.Equal($"RTSP/{version} {refusal}\r\nCSeq: 7\r\n\r\n", pair.Own());
        Assert.Empty(pair.AtPlayer.Open);
        Assert.Empty(pair.AtServer.All);
    }

    [Theory] // lines that go on, space before the colon, other case: a server may read them
    [InlineData("Transport: RTP/AVP;unicast;client_port=5000-5001;\r\n destination=192.0.2.99")]
    [InlineData("transport : RTP/AVP;unicast;client_port=5000-5001;Destination=192.0.2.99")]
    [InlineData("TRANSPORT: RTP/AVP;multicast\nTransport: RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.99")]
    public void A_header_cannot_be_hidden(string header)
    {
        var pair = new RelayPair();
        Assert.Equal("", pair.Ask($"setup {Url} RTSP/1.0\r\nCSeq: 1\r\n{header}\r\n\r\n"));
        Assert.Contains("461", pair.Own());
    }

    [Fact] // a release before this one, or an app with a stream of its own
    public void An_end_that_carries_no_media_is_told_so_and_can_have_them_on_the_connection()
    {
        var pair = new RelayPair(carriesMedia: false);
        Assert.Equal("", pair.Ask(Setup(1, "RTP/AVP;unicast;client_port=5000-5001")));
        Assert.Equal("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 1\r\n\r\n", pair.Own());
        Assert.Equal("", pair.Ask(Setup(2, "RTP/AVP;unicast;coco-flow=4-5")));
        Assert.Contains(pair.Notes, static note => note.Contains("update", StringComparison.Ordinal));
        Assert.Equal(Setup(3, "RTP/AVP/TCP;unicast;interleaved=0-1"), pair.Ask(Setup(3, "RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=0-1")));
        Assert.Empty(pair.AtServer.All);
    }

    [Fact] // RFC 2326 §9.1
    public void Own_answers_come_in_their_turn_among_those_of_requests_that_were_sent_at_once()
    {
        var pair = new RelayPair();
        var options = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n";
        Assert.Equal(options + Setup(3, "RTP/AVP;unicast;client_port=40000-40001"), pair.Ask(options + Setup(2, "RTP/AVP;multicast") + Setup(3, "RTP/AVP;unicast;client_port=5000-5001")));
        Assert.Equal("", pair.Own());

        Assert.Equal("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 461 Unsupported Transport\r\nCSeq: 2\r\n\r\n", pair.Answer("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"));
        Assert.Contains("server_port=30000-30001", pair.Answer(Answer(3, "RTP/AVP;unicast;client_port=40000-40001;server_port=1-2")));
    }

    [Fact]
    public void An_answer_to_a_later_request_takes_own_answers_along()
    {
        var pair = new RelayPair();
        pair.Ask("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" + Setup(2, "RTP/AVP;multicast") + "OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n\r\n");
        Assert.Equal("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 2\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n", pair.Answer("RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n"));
    }

    [Theory]
    [InlineData("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n\r\n")]
    [InlineData("RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n")]
    [InlineData("RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 1\r\n\r\n")]
    public void Ports_that_were_not_chosen_are_closed(string answer)
    {
        var pair = new RelayPair();
        pair.Ask(Setup(1, "RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=0-1"));
        Assert.Equal("RTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n", pair.Answer("RTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n"));
        Assert.Single(pair.AtServer.Open);

        Assert.Equal(answer, pair.Answer(answer));

        Assert.Empty(pair.AtPlayer.Open);
        Assert.Empty(pair.AtServer.Open);
    }

    [Theory]
    [InlineData("RTP/AVP;multicast;destination=239.1.2.3;port=5000-5001;ttl=16")]
    [InlineData("RTP/AVP/DCCP;unicast;client_port=40000-40001;server_port=1-2")]
    [InlineData("???")]
    public void A_player_is_not_told_that_it_has_media_that_will_not_come(string chosen)
    {
        var pair = new RelayPair();
        pair.Ask(Setup(1, "RTP/AVP;unicast;client_port=5000-5001"));
        Assert.Equal("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 1\r\n\r\n", pair.Answer(Answer(1, chosen)));
        Assert.Empty(pair.AtPlayer.Open);
        Assert.Empty(pair.AtServer.Open);
    }

    [Theory] // where the server's media come from
    [InlineData("RTP/AVP;unicast;client_port=40000-40001;server_port=6970-6971", "192.0.2.7:6970-6971")]
    [InlineData("RTP/AVP;unicast;server_port=6970-6971", "192.0.2.7:6970-6971")]
    [InlineData("RTP/AVP;unicast;client_port=1-2;server_port=6970", "192.0.2.7:6970")] // ports that nobody has asked for: only one pair can be meant
    [InlineData("RTP/AVP;unicast;client_port=40000-40001", "192.0.2.7:")]
    [InlineData("RTP/AVP/UDP;server_port=6970-6971", "192.0.2.7:6970-6971")]
    [InlineData("RTP/AVP;unicast;source=192.0.2.8;client_port=40000-40001;server_port=6970-6971", "192.0.2.8:6970-6971")]
    [InlineData("RTP/AVP;unicast;source=0.0.0.0;client_port=40000-40001;server_port=6970-6971", "192.0.2.7:6970-6971")]
    [InlineData("RTP/AVP;unicast;source=239.0.0.1;client_port=40000-40001;server_port=6970-6971", "192.0.2.7:6970-6971")]
    [InlineData("RTP/AVP;unicast;source=camera.local;client_port=40000-40001;server_port=6970-6971", "192.0.2.7:6970-6971")]
    public void The_server_is_known_by_what_it_answers(string chosen, string remote)
    {
        var pair = new RelayPair();
        pair.Ask(Setup(1, "RTP/AVP;unicast;client_port=5000-5001"));
        Assert.Contains("client_port=5000-5001;server_port=30000-30001", pair.Answer(Answer(1, chosen)));
        Assert.Equal(remote, pair.AtServer.All.Single().Remote);
    }

    [Fact] // RFC 2326 §10.7
    public void What_is_torn_down_is_closed_a_stream_or_all_of_a_session()
    {
        var pair = new RelayPair();
        foreach (var (stream, session) in new[] { (1, 1), (2, 1), (3, 2), (4, 2) }) { SetUp(pair, stream, session); }
        Assert.Equal(4, pair.AtServer.Open.Count());

        TearDown($"{Url}/1", 1);
        Assert.Equal([6, 8, 10], pair.AtServer.Open.Select(static one => (int)one.Flow - 2));
        TearDown(Url, 2);
        Assert.Equal([6], pair.AtServer.Open.Select(static one => (int)one.Flow - 2));
        TearDown($"{Url}/2", 1);
        Assert.Empty(pair.AtServer.Open);
        Assert.Empty(pair.AtPlayer.Open);

        void TearDown(string url, int session)
        {
            pair.Ask($"TEARDOWN {url} RTSP/1.0\r\nCSeq: 9\r\nSession: {session}\r\n\r\n");
            pair.Answer("RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n");
        }
    }

    [Fact]
    public void A_stream_that_is_set_up_again_has_new_ports_in_place_of_those_before()
    {
        var pair = new RelayPair();
        SetUp(pair, 1, 1);
        var before = pair.AtServer.All.Single();
        SetUp(pair, 1, 1);
        Assert.True(before.IsClosed);
        Assert.Single(pair.AtServer.Open);
        Assert.Single(pair.AtPlayer.Open);
        pair.Close();
        Assert.Empty(pair.AtPlayer.Open.Concat(pair.AtServer.Open));
    }

    [Fact]
    public void Ports_and_requests_that_wait_have_limits()
    {
        var pair = new RelayPair();
        for (var i = 0; i < 40; i++) { pair.Ask(Setup(i, $"RTP/AVP;unicast;client_port={5000 + (2 * i)}-{5001 + (2 * i)}")); }
        Assert.Equal(16, pair.AtPlayer.Open.Count());
        Assert.Equal(16, pair.AtServer.Open.Count());
        // What is never answered makes room.
        for (var i = 0; i < 100; i++) { pair.Ask("GET_PARAMETER * RTSP/1.0\r\nCSeq: 0\r\n\r\n"); }
        Assert.Empty(pair.AtPlayer.Open.Concat(pair.AtServer.Open));
    }

    [Fact]
    public void Each_request_that_is_refused_is_told_so_however_many_there_are_at_once()
    {
        var pair = new RelayPair();
        pair.Ask("OPTIONS * RTSP/1.0\r\nCSeq: 1000\r\n\r\n" + string.Concat(Enumerable.Range(0, 100).Select(static i => Setup(i, "RTP/AVP;multicast"))));
        Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(static i => $"RTSP/1.0 461 Unsupported Transport\r\nCSeq: {i}\r\n\r\n")), pair.Own());
    }

    [Fact]
    public void Where_the_end_beside_the_server_has_no_port_left_both_go_without()
    {
        var pair = new RelayPair();
        pair.AtServer.Most = 0;
        Assert.Equal("", pair.Ask(Setup(1, "RTP/AVP;unicast;client_port=5000-5001")));
        Assert.Contains("461", pair.Own());
        Assert.Empty(pair.AtPlayer.Open);
    }

    [Theory] // the server calls itself something else than what the player has asked for
    [InlineData("Content-Base: rtsp://192.0.2.7:554/door/", "Content-Base: rtsp://127.0.0.1:8554/door/")]
    [InlineData("Content-Location: rtsp://10.0.0.5/door/", "Content-Location: rtsp://127.0.0.1:8554/door/")]
    [InlineData("RTP-Info: url=rtsp://10.0.0.5/door/1;seq=1;rtptime=2,url=RTSP://10.0.0.5:554/door/2;seq=3", "RTP-Info: url=rtsp://127.0.0.1:8554/door/1;seq=1;rtptime=2,url=RTSP://127.0.0.1:8554/door/2;seq=3")]
    [InlineData("RTP-Info: url=\"rtsp://10.0.0.5/door/1\" ssrc=0A13C760:seq=45102", "RTP-Info: url=\"rtsp://127.0.0.1:8554/door/1\" ssrc=0A13C760:seq=45102")]
    [InlineData("Location: rtsp://camera.example/other", "Location: rtsp://127.0.0.1:8554/other")]
    [InlineData("Location: rtsp://192.0.2.7/other", "Location: rtsp://127.0.0.1:8554/other")]
    [InlineData("Location: rtsp://elsewhere.example/other", "Location: rtsp://elsewhere.example/other")] // meant
    [InlineData("Content-Base:  rtsp://127.0.0.1:8554/door/", "Content-Base:  rtsp://127.0.0.1:8554/door/")]
    [InlineData("Content-Base: /door/", "Content-Base: /door/")]
    [InlineData("Server: rtsp://192.0.2.7/", "Server: rtsp://192.0.2.7/")]
    public void Addresses_that_would_lead_past_the_tunnel_lead_into_it(string header, string told)
    {
        var pair = new RelayPair();
        pair.Ask("DESCRIBE rtsp://user@127.0.0.1:8554/door RTSP/1.0\r\nCSeq: 1\r\n\r\n");
        Assert.Equal($"RTSP/1.0 200 OK\r\nCSeq: 1\r\n{told}\r\n\r\n", pair.Answer($"RTSP/1.0 200 OK\r\nCSeq: 1\r\n{header}\r\n\r\n"));
    }

    [Fact] // RFC 2326 C.1.1
    public void So_do_those_of_a_description()
    {
        var pair = new RelayPair();
        pair.Ask($"DESCRIBE {Url} RTSP/1.0\r\nCSeq: 1\r\n\r\n");
        const string Description = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\na=control:rtsp://192.0.2.7/door\r\nm=video 0 RTP/AVP 96\r\na=control:rtsp://192.0.2.7:554/door/1\r\nm=audio 0 RTP/AVP 0\r\na=control:2\r\n";
        var local = Description.Replace("a=control:rtsp://192.0.2.7:554/", "a=control:rtsp://127.0.0.1:8554/", StringComparison.Ordinal).Replace("a=control:rtsp://192.0.2.7/", "a=control:rtsp://127.0.0.1:8554/", StringComparison.Ordinal);

        var told = pair.Answer($"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: {Description.Length}\r\n\r\n{Description}");

        Assert.Equal($"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: {local.Length}\r\n\r\n{local}", told);
    }

    [Fact]
    public void A_redirection_that_the_server_asks_for_leads_into_the_tunnel_where_it_is_its_own()
    {
        var pair = new RelayPair();
        pair.Ask($"DESCRIBE {Url} RTSP/1.0\r\nCSeq: 1\r\n\r\n");
        pair.Answer("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
        Assert.Contains("\r\nLocation: rtsp://127.0.0.1:8554/b\r\n", pair.Answer("REDIRECT rtsp://192.0.2.7/a RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://192.0.2.7/b\r\n\r\n"));
    }

    [Fact]
    public void Noise_in_headers_does_no_harm()
    {
        var random = new Random(33);
        string[] pieces = ["RTP/AVP", "/UDP", "/TCP", ";unicast", ";multicast", ";client_port=", ";dest_addr=", "5000-5001", "\":5000\"/\":5001\"", ",", ";", "\"", "-", ";destination=127.0.0.1", ";interleaved=0-1", ";coco-flow=6-7", ";server_port=1-2", ";src_addr=", " "];
        var (passed, refused) = (0, 0);
        for (var i = 0; i < 4000; i++)
        {
            var pair = new RelayPair(carriesMedia: random.Next(2) == 0);
            var asked = pair.Ask(Setup(1, Noise()));
            if (asked.Length == 0)
            {
                refused++;
                Assert.Matches("^RTSP/1.0 4(00|61) ", pair.Own());
            }
            else
            {
                passed++;
                Assert.DoesNotMatch("=\"?:?5000|coco|destination", asked); // nothing of the player's own
                pair.Answer(Answer(1, Noise()));
            }
            pair.Close();
            Assert.Empty(pair.AtPlayer.Open.Concat(pair.AtServer.Open));
        }
        Assert.InRange(passed, 200, 4000);
        Assert.InRange(refused, 200, 4000);

        string Noise() => (random.Next(2) == 0 ? "RTP/AVP;unicast;client_port=5000-5001" : "RTP/AVP") + string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)]));
    }

    private static void SetUp(RelayPair pair, int stream, int session)
    {
        pair.Ask($"SETUP {Url}/{stream} RTSP/1.0\r\nCSeq: {stream}\r\nSession: {session}\r\nTransport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n");
        var port = pair.AtServer.All[^1].Own;
        pair.Answer($"RTSP/1.0 200 OK\r\nCSeq: {stream}\r\nSession: {session};timeout=60\r\nTransport: RTP/AVP;unicast;client_port={port};server_port=6970-6971\r\n\r\n");
    }

    private static string Setup(int cseq, string transport) => $"SETUP {Url}/1 RTSP/1.0\r\nCSeq: {cseq}\r\nTransport: {transport}\r\n\r\n";

    private static string Answer(int cseq, string transport) => $"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\nSession: 12345678;timeout=60\r\nTransport: {transport}\r\n\r\n";
}
