using System.Buffers.Binary;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayAbuseTests
{
    private static readonly Link Victim = RelaySamples.Udp(200, 53);

    [Fact]
    public void Guessed_session_numbers_move_nothing()
    {
        var rig = new RelayRig();
        for (var n = 2; n < 100; n++) { rig.Open(Slow(rig, n), rig.Add(1)); }
        var random = new Random(3);
        var guesses = new ulong[50];
        for (var i = 0; i < 400; i++)
        {
            for (var g = 0; g < guesses.Length; g++) { guesses[g] = (ulong)random.NextInt64(1, long.MaxValue); }
            Assert.Empty(rig.Forward(Victim, RelayRig.Datagrams(20, guesses), 20));
        }
        Assert.Equal(20_000, rig.Server.Statistics.Dropped[(int)RelayDropReason.UnknownSession]);
    }

    [Fact]
    public void Only_its_own_sessions_a_client_can_close()
    {
        var rig = new RelayRig();
        var (a, b, thief) = (rig.Add(1), rig.Add(2), rig.Add(3));
        var (atA, atB) = rig.Open(a, b);
        rig.Say(thief, new RelayMessage.Close(atA));
        rig.Say(thief, new RelayMessage.Close(atB));
        rig.Say(a, new RelayMessage.Close(atB)); // its peer's number is not its own

        Assert.Equal(1, rig.Server.Statistics.Sessions);
        Assert.Single(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, atA), 100));
    }

    [Fact]
    public void A_spoofed_source_redirects_nothing_until_the_control_connection_moves_there()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, atB) = rig.Open(a, b);
        var toVictim = 0;
        for (var i = 0; i < 1000; i++)
        {
            rig.Now += TimeSpan.FromMilliseconds(10);
            Assert.Equal(RelaySamples.Udp(2), Assert.Single(rig.Forward(Victim, RelayRig.Datagrams(1200, atA), 1200)).Link);
            foreach (var run in rig.Forward(RelaySamples.Udp(2), RelayRig.Datagrams(1200, atB), 1200))
            {
                Assert.Equal(RelaySamples.Udp(1), run.Link);
                toVictim += run.Link == Victim ? run.Bytes.Length : 0;
            }
        }
        Assert.Equal(0, toVictim);

        rig.Server.HandleLinkChanged(a, Victim, rig.Now);
        Assert.Equal(Victim, Assert.Single(rig.Forward(RelaySamples.Udp(2), RelayRig.Datagrams(1200, atB), 1200)).Link);
    }

    [Fact]
    public void The_host_is_told_of_another_source_once_a_second_and_client()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, _) = rig.Open(a, b);
        var told = new List<TimeSpan>();
        for (var i = 0; i < 350; i++)
        {
            rig.Forward(RelaySamples.Udp(i % 100 + 20), RelayRig.Datagrams(100, atA), 100); // from everywhere
            while (rig.Server.TryTakeUnverified(out var client, out _))
            {
                Assert.Equal(a, client);
                told.Add(rig.Now);
            }
            rig.Now += TimeSpan.FromMilliseconds(10);
        }
        Assert.Equal([0, 1, 2, 3], told.Select(at => at.TotalSeconds));
    }

    [Fact]
    public void Where_a_client_already_is_nobody_needs_to_look()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, _) = rig.Open(a, b);
        rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, atA), 100);
        Assert.False(rig.Server.TryTakeUnverified(out _, out _));

        rig.Forward(RelaySamples.Udp(9), RelayRig.Datagrams(100, atA), 100);
        rig.Server.HandleLinkChanged(a, RelaySamples.Udp(9), rig.Now); // its control connection was quicker
        Assert.False(rig.Server.TryTakeUnverified(out _, out _));

        rig.Now += TimeSpan.FromSeconds(2);
        rig.Forward(RelaySamples.Udp(10), RelayRig.Datagrams(100, atA), 100);
        rig.Server.RemoveClient(a, rig.Now);
        Assert.False(rig.Server.TryTakeUnverified(out _, out _));
    }

    [Fact] // seeded: whatever is thrown at it, no more goes out than came in, and only to links that proved themselves
    public void No_flood_of_datagrams_is_amplified_or_aimed()
    {
        var random = new Random(17);
        var rig = new RelayRig();
        var clients = Enumerable.Range(1, 8).Select(n => rig.Add(n)).ToArray();
        var sessions = new List<ulong> { 0, 1, ulong.MaxValue };
        for (var n = 1; n < clients.Length; n++)
        {
            var (caller, target) = rig.Open(clients[n], clients[n - 1]);
            sessions.AddRange([caller, target]);
        }
        var proven = Enumerable.Range(1, 8).Select(n => RelaySamples.Udp(n)).ToHashSet();
        var (bytesIn, bytesOut) = (0L, 0L);
        for (var i = 0; i < RelaySamples.FuzzInputs / 4; i++)
        {
            var size = random.Next(1, 200);
            var data = new byte[random.Next(1, size * 20)];
            random.NextBytes(data);
            for (var at = 0; at + 9 <= data.Length; at += size)
            {
                if (random.Next(8) != 0) { data[at] = 5; }
                if (random.Next(4) != 0) { BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(at + 1), sessions[random.Next(sessions.Count)]); }
            }
            bytesIn += data.Length;
            rig.Now += TimeSpan.FromMilliseconds(random.Next(100));
            foreach (var run in rig.Forward(RelaySamples.Udp(random.Next(1, 200)), data, size))
            {
                bytesOut += run.Bytes.Length;
                Assert.Contains(run.Link, proven);
            }
            while (rig.Server.TryTakeUnverified(out _, out _)) { }
        }
        Assert.InRange(bytesOut, 1, bytesIn);
    }

    [Fact]
    public void A_client_that_opens_endlessly_gets_its_rate_and_its_cap_and_no_more()
    {
        var rig = new RelayRig(new() { MaxSessionsPerClient = 100 });
        var greedy = rig.Add(1);
        for (var n = 2; n < 402; n++) { rig.Add(n); }
        var opened = 0;
        for (var i = 0; i < 3000; i++)
        {
            rig.Now += TimeSpan.FromMilliseconds(5);
            if (rig.TryOpen(greedy, RelayRig.PlainId(2 + (i % 400))) is RelayMessage.Opened) { opened++; }
            Assert.InRange(rig.Server.Statistics.Sessions, 0, 100);
        }

        Assert.InRange(opened, 100, 50 + (15 * 10)); // a burst of 50, then 10 a second for 15 seconds
        Assert.Equal(0, rig.Server.Statistics.Evicted); // none was idle for long, so none was taken from anybody
        Assert.Equal(0, rig.Server.Statistics.QueuedBytes);
    }

    [Fact]
    public void At_a_cap_the_session_that_was_idle_longest_makes_room()
    {
        var rig = new RelayRig(new() { MaxSessionsPerClient = 2, SessionIdle = TimeSpan.FromSeconds(30) });
        var (a, b, c, d) = (rig.Add(1), rig.Add(2), rig.Add(3), rig.Add(4));
        var (toB, _) = rig.Open(a, b);
        var (toC, atC) = rig.Open(a, c);
        rig.Now = TimeSpan.FromSeconds(29);
        rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, toB), 100);
        Assert.IsType<RelayMessage.Refused>(rig.TryOpen(a, RelayRig.PlainId(4)));

        rig.Now = TimeSpan.FromSeconds(31);
        rig.Take(c);
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(a, RelayRig.PlainId(4)));
        Assert.Equal(new RelayMessage.Closed(atC, RelayCloseReason.Evicted), Assert.Single(rig.Take(c)));
        Assert.Single(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, toB), 100));
        Assert.Empty(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, toC), 100));
        Assert.Single(rig.Take(d), message => message is RelayMessage.Incoming);
    }

    [Fact]
    public void At_the_cap_of_all_sessions_the_idlest_of_all_makes_room_and_busy_ones_stay()
    {
        var rig = new RelayRig(new() { MaxSessions = 3 });
        var clients = Enumerable.Range(1, 8).Select(n => rig.Add(n)).ToArray();
        var first = rig.Open(clients[0], clients[1]);
        rig.Open(clients[2], clients[3]);
        rig.Open(clients[4], clients[5]);
        Assert.Equal(RelayRefusal.Busy, Assert.IsType<RelayMessage.Refused>(rig.TryOpen(clients[6], RelayRig.PlainId(8))).Reason);

        rig.Now = TimeSpan.FromSeconds(40);
        rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, first.Caller), 100);
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(clients[6], RelayRig.PlainId(8)));
        Assert.Equal((3, 1L), (rig.Server.Statistics.Sessions, rig.Server.Statistics.Evicted));
        Assert.Single(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, first.Caller), 100));
    }

    [Fact]
    public void Clients_beyond_the_cap_are_turned_away()
    {
        var rig = new RelayRig(new() { MaxClients = 2 });
        var first = rig.Add(1);
        rig.Add(2);
        Assert.True(rig.Add(3) < 0);
        rig.Server.RemoveClient(first, rig.Now);
        Assert.True(rig.Add(3) >= 0);
    }

    [Fact]
    public void A_client_that_asks_and_does_not_read_is_cut_off_within_its_bound()
    {
        var rig = new RelayRig(new() { MaxQueuedBytesPerClient = 16 << 10 });
        var slow = rig.Add(1);
        rig.Server.HandleBlocked(slow);
        for (var i = 1; i < 10_000; i++)
        {
            rig.Say(slow, new RelayMessage.Resolve((ulong)i, RelayRig.PlainId(2)));
            Assert.InRange(rig.Server.Statistics.QueuedBytes, 0, 16 << 10);
        }
        Assert.Equal((slow, RelayDisconnect.SlowReader), Assert.Single(rig.Disconnects));
        Assert.Equal(0, rig.Server.Statistics.QueuedBytes);
    }

    [Fact]
    public void A_client_that_was_slow_gets_all_in_order_once_it_reads()
    {
        var rig = new RelayRig();
        var slow = rig.Add(1);
        rig.Take(slow);
        rig.Server.HandleBlocked(slow);
        for (var i = 1; i <= 10; i++) { rig.Say(slow, new RelayMessage.Resolve((ulong)i, RelayRig.PlainId(2))); }
        Assert.Empty(rig.Take(slow));

        rig.Server.HandleWritable(slow);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (ulong)i), rig.Take(slow).Select(message => ((RelayMessage.Found)message).Request));
    }

    [Fact]
    public void When_all_queues_together_are_full_those_pay_that_have_not_read_for_longest()
    {
        var rig = new RelayRig(new() { MaxQueuedBytes = 1 << 20, MessagesPerSecond = 10_000 });
        var honest = rig.Add(1000);
        var slow = Enumerable.Range(1, 6).Select(n => rig.Add(n)).ToArray();
        foreach (var client in slow) { rig.Server.HandleBlocked(client); }
        for (var i = 1; i < 6000; i++) // 250,000 bytes each
        {
            foreach (var client in slow) { rig.Say(client, new RelayMessage.Resolve((ulong)i, RelayRig.PlainId(2))); }
            Assert.InRange(rig.Server.Statistics.QueuedBytes, 0, 1 << 20);
        }
        Assert.Equal(slow[..2], rig.Disconnects.Select(one => one.Client));
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(honest, RelayRig.PlainId(6)));
    }

    [Fact]
    public void A_long_chain_of_slow_readers_falls_without_a_deep_recursion()
    {
        const int Length = 2_000;
        var rig = new RelayRig(new() { MaxQueuedBytesPerClient = 16 << 10 });
        var clients = new int[Length];
        for (var n = 0; n < Length; n++)
        {
            clients[n] = rig.Add(n);
            if (n > 0) { rig.Say(clients[n - 1], new RelayMessage.Open(1, RelayRig.PlainId(n))); }
        }
        var question = RelayMessageCodec.Write(new RelayMessage.Resolve(99, RelayRig.PlainId(0)));
        foreach (var client in clients)
        {
            // 381 answers, then the word of one session's end is too much.
            rig.Server.HandleBlocked(client);
            for (var i = 0; i < 381; i++) { rig.Server.HandleMessage(client, (ulong)RelayMessageType.Resolve, question, rig.Now); }
        }
        Assert.Equal(0, rig.Server.Statistics.Cut);

        var thread = new Thread(() => rig.Server.RemoveClient(clients[0], rig.Now), maxStackSize: 128 << 10);
        thread.Start();
        thread.Join();
        Assert.Equal(Length - 1, rig.Server.Statistics.Cut);
        Assert.Equal((0, 0L), (rig.Server.Statistics.Sessions, rig.Server.Statistics.QueuedBytes));
    }

    [Fact]
    public void No_sequence_of_messages_throws_or_leaves_anything_behind()
    {
        var random = new Random(23);
        var rig = new RelayRig(new()
        {
            MaxSessions = 20, MaxSessionsPerClient = 6, MaxClients = 12, SessionIdle = TimeSpan.FromSeconds(1), MessagesPerSecond = 1000, OpensPerSecond = 1000,
        });
        var clients = new List<int>();
        var sessions = new List<ulong> { 1 };
        for (var i = 0; i < RelaySamples.FuzzInputs; i++)
        {
            rig.Now += TimeSpan.FromMilliseconds(random.Next(50));
            var client = clients.Count == 0 ? 0 : clients[random.Next(clients.Count)];
            switch (random.Next(12))
            {
                case 0:
                    var added = rig.Server.AddClient(
                        RelayRig.PlainId(random.Next(10)), RelaySamples.Udp(random.Next(1, 20)), rig.Now, random.Next(2) == 0 ? null : new RelayTerms { Network = "n" });
                    if (added >= 0) { clients.Add(added); }
                    break;
                case 1 when random.Next(4) == 0:
                    rig.Server.RemoveClient(client, rig.Now);
                    clients.Remove(client);
                    break;
                case 2 or 3: Say(rig, client, RelayRig.Registration()); break;
                case 4 or 5 or 6: Say(rig, client, new RelayMessage.Open((ulong)i + 1, RelayRig.PlainId(random.Next(10)))); break;
                case 7: Say(rig, client, new RelayMessage.Close(sessions[random.Next(sessions.Count)])); break;
                case 8: rig.Forward(RelaySamples.Udp(random.Next(1, 20)), RelayRig.Datagrams(20, sessions[random.Next(sessions.Count)]), 20); break;
                case 9 when random.Next(20) == 0:
                    var noise = new byte[random.Next(60)];
                    random.NextBytes(noise);
                    rig.Server.HandleMessage(client, (ulong)random.Next(0x20), noise, rig.Now);
                    break;
                case 10: rig.Server.HandleBlocked(client); break;
                case 11: rig.Server.HandleWritable(client); break;
            }
            while (rig.Server.TryTakeMessage(out _, out var type, out var body))
            {
                if (RelayMessageCodec.TryRead(type, body.Span, out var message) && message is RelayMessage.Opened opened) { sessions.Add(opened.Session); }
            }
            while (rig.Server.TryTakeDisconnect(out var cut, out _, out _))
            {
                rig.Server.RemoveClient(cut, rig.Now);
                clients.Remove(cut);
            }
            if (sessions.Count > 30) { sessions.RemoveRange(0, 10); }
            Assert.InRange(rig.Server.Statistics.Sessions, 0, 20);
        }
        Assert.True(rig.Server.Statistics.Packets > 0 && rig.Server.Statistics.Evicted > 0, "it did not get far");
        foreach (var client in clients) { rig.Server.RemoveClient(client, rig.Now); }
        var statistics = rig.Server.Statistics;
        Assert.Equal((0, 0, 0, 0L), (statistics.Clients, statistics.Homes, statistics.Sessions, statistics.QueuedBytes));
    }

    private static void Say(RelayRig rig, int client, RelayMessage message) =>
        rig.Server.HandleMessage(client, (ulong)message.Type, RelayMessageCodec.Write(message), rig.Now);

    // So slowly that no rate is in the way.
    private static int Slow(RelayRig rig, int n)
    {
        rig.Now += TimeSpan.FromSeconds(1);
        return rig.Add(n);
    }
}
