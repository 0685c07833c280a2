using Coco.Crypto;
using Coco.Messages;
using Coco.Cluster;
using static Coco.Tests.Messages.MessageScene;

namespace Coco.Tests.Messages;

public sealed class MailboxTests
{
    private static readonly MessageOptions Prompt = new() { MailboxDelay = TimeSpan.Zero };

    [Fact]
    public async Task A_mailbox_has_what_a_sender_left_for_an_absent_node_when_the_sender_is_gone_and_cannot_read_it()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(Prompt, mailbox: true);
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        var secret = Bytes("a secret that is long enough to be found");
        var sent = new List<MessageId>();
        for (var i = 0; i < 5; i++) { sent.Add((await ada.Messages.SendAsync(bobId, (byte[])[.. secret, (byte)i], new() { Subject = "a telling subject" }, scene.Patience)).Id); }
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 5, scene.Patience);
        var kept = scene.Hub.Messages.KeptFor(bobId);
        await ada.DisposeAsync();

        bob = await scene.StartAgainAsync("bob", Prompt);
        var got = await scene.TakeAsync(bob, 5);

        Assert.Equal(sent, got.Select(static message => message.Id));
        Assert.All(got, message => Assert.Equal(("a telling subject", ada.Id, true), (message.Subject, message.From, message.Data.Span.StartsWith(secret))));
        Assert.All(kept, box => Assert.True(box.AsSpan().IndexOf(secret) < 0 && box.AsSpan().IndexOf("telling"u8) < 0));
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 0, scene.Patience);
    }

    [Fact]
    public async Task What_comes_from_a_mailbox_and_from_its_sender_is_handed_out_once()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(Prompt, mailbox: true);
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        var sent = await ada.Messages.SendAsync(bobId, Bytes("first"), null, scene.Patience);
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 1, scene.Patience);

        bob = await scene.StartAgainAsync("bob", Prompt);
        Assert.Equal(ReceiptStatus.Delivered, (await sent.Delivered.WaitAsync(scene.Patience)).Status);
        await ada.Messages.SendAsync(bobId, Bytes("second"), null, scene.Patience);

        Assert.Equal(["first", "second"], (await scene.TakeAsync(bob, 2)).Select(Text));
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 0, scene.Patience);
    }

    [Fact]
    public async Task A_sender_that_calls_while_the_disk_still_writes_what_a_mailbox_brought_is_told_once_it_is_written()
    {
        var folder = Directory.CreateTempSubdirectory("coco-messages-");
        using var sender = IdentityKey.Generate();
        using var disk = new ManualResetEventSlim(initialState: true);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using (var journal = new MessageJournal(null!, new() { BeforeWrite = _ => disk.Wait(patience.Token) }, TimeProvider.System))
        {
            journal.Open(folder.FullName, new byte[32]);
            disk.Reset();
            Assert.True(journal.TryReceive(sender.Id, 7, new() { Sequence = 1, Data = "from a mailbox"u8 }));

            var signal = new AsyncSignal();
            var inbox = journal.Begin(sender.Id, 7, signal, out var epoch, out var upTo);
            Assert.Equal(0UL, upTo);
            Assert.True(journal.Receive(inbox, epoch, new() { Sequence = 1, Data = "from a mailbox"u8 }));
            disk.Set();

            Assert.True(await signal.WaitAsync(patience.Token));
            Assert.Equal(1UL, journal.StoredUpToOf(inbox));
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_mailbox_takes_no_more_of_a_sender_than_its_quota()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(Prompt with { MailboxCountOfSender = 3 }, mailbox: true);
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        for (var i = 0; i < 5; i++) { await ada.Messages.SendAsync(bobId, Bytes($"{i}"), null, scene.Patience); }
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 3, scene.Patience);

        bob = await scene.StartAgainAsync("bob", Prompt);

        Assert.Equal(["0", "1", "2", "3", "4"], (await scene.TakeAsync(bob, 5)).Select(Text)); // the sender has the rest
    }

    [Fact]
    public async Task A_mailbox_keeps_the_longest_message_and_what_follows_it()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(Prompt, mailbox: true);
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        var longest = new byte[Prompt.MaxMessageSize];
        Random.Shared.NextBytes(longest);
        await ada.Messages.SendAsync(bobId, longest, null, scene.Patience);
        await ada.Messages.SendAsync(bobId, Bytes("after it"), null, scene.Patience);
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 2, scene.Patience);
        await ada.DisposeAsync();

        bob = await scene.StartAgainAsync("bob", Prompt);
        var got = await scene.TakeAsync(bob, 2);

        Assert.True(longest.AsSpan().SequenceEqual(got[0].Data.Span));
        Assert.Equal("after it", Text(got[1]));
    }

    [Fact]
    public async Task A_message_that_does_not_fit_is_not_sent_to_a_mailbox_and_what_follows_waits_behind_it()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(Prompt with { MailboxBytesOfSender = 64 << 10 }, mailbox: true);
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        await ada.Messages.SendAsync(bobId, Bytes("fits"), null, scene.Patience);
        await ada.Messages.SendAsync(bobId, new byte[4 << 20], null, scene.Patience);
        await ada.Messages.SendAsync(bobId, Bytes("would fit"), null, scene.Patience);
        await UntilAsync(() => ada.Messages.DepositsWith(scene.Hub.Id, bobId).Refusals > 0, scene.Patience);

        Assert.Single(scene.Hub.Messages.KeptFor(bobId));
        Assert.InRange(ada.Messages.DepositsWith(scene.Hub.Id, bobId).Bytes, 1, 1024); // of the first
        bob = await scene.StartAgainAsync("bob", Prompt);
        Assert.Equal([4, 4 << 20, 9], (await scene.TakeAsync(bob, 3)).Select(static message => message.Data.Length));
    }

    [Theory] // two adjacent releases work together
    [InlineData(false)] // unknown frames are skipped
    [InlineData(true)]
    public async Task A_mailbox_that_does_not_know_the_question_for_room_is_given_what_it_keeps(bool isRefused)
    {
        await using var scene = new MessageScene();
        var older = Prompt with
        {
            Manner = type => type is not MessageFrameType.Ask ? MailboxManner.Read : isRefused ? MailboxManner.Refuse : MailboxManner.Skip, MailboxCountOfSender = 3,
        };
        var (ada, bob) = await scene.TwoAsync(older, mailbox: true);
        var bobId = bob.Id;
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        for (var i = 0; i < 4; i++) { await ada.Messages.SendAsync(bobId, Bytes($"{i}"), null, scene.Patience); }
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 3, scene.Patience); // it says itself that there is no room for more
        await UntilAsync(() => ada.Messages.DepositsWith(scene.Hub.Id, bobId).Refusals > 0, scene.Patience);

        bob = await scene.StartAgainAsync("bob", Prompt);

        Assert.Equal(["0", "1", "2", "3"], (await scene.TakeAsync(bob, 4)).Select(Text));
    }

    [Fact]
    public void A_mailbox_without_room_is_asked_less_and_less_often() =>
        Assert.Equal([30, 60, 120, 240, 480, 960, 960], Enumerable.Range(1, 7).Select(static failures => (int)NodeMessages.RetryOf(failures).TotalSeconds));

    [Fact]
    public async Task A_message_is_not_said_to_be_kept_before_it_is_on_the_disk_though_the_next_one_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("coco-messages-");
        using var sender = IdentityKey.Generate();
        using var receiver = IdentityKey.Generate();
        using var disk = new ManualResetEventSlim(initialState: true);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using (var journal = new MessageJournal(null!, new() { MailboxCountOfSender = 1, BeforeWrite = _ => disk.Wait(patience.Token) }, TimeProvider.System))
        {
            journal.Open(folder.FullName, new byte[32]);
            disk.Reset();
            var intake = new MailboxIntake(sender.Id, journal, isMailbox: true);

            Assert.Equal(DepositAnswer.Kept, intake.Take(receiver.Id, 1, 1, long.MaxValue / 4, "kept"u8));
            Assert.Equal(DepositAnswer.NoRoom, intake.Take(receiver.Id, 1, 2, long.MaxValue / 4, "refused"u8));
            Assert.False(intake.Committed.IsCompleted);

            disk.Set();
            await intake.Committed.WaitAsync(patience.Token);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_kept_too_long_is_dropped_and_looking_for_it_costs_the_same_however_much_is_kept()
    {
        var time = new LaterTime();
        var options = new MessageOptions { MailboxCountOfSender = 100_000 };
        await using var journal = new MessageJournal(null!, options, time);
        using var sender = IdentityKey.Generate();
        using var receiver = IdentityKey.Generate();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (sequence, seconds) in ((ulong, int)[])[(1, 10), (2, 30), (3, 20)]) { Assert.True(journal.TryKeep(sender.Id, receiver.Id, 1, sequence, now + (1000 * seconds), "box"u8, out _)); }

        time.Later = TimeSpan.FromSeconds(15);
        journal.Expire();
        Assert.Equal([2ul, 3], journal.KeptFor(receiver.Id).Select(static kept => kept.Sequence));
        time.Later = TimeSpan.FromSeconds(25);
        journal.Expire();
        Assert.Equal([2ul], journal.KeptFor(receiver.Id).Select(static kept => kept.Sequence));

        var few = BestOf(journal);
        for (ulong sequence = 10; sequence < 50_000; sequence++) { Assert.True(journal.TryKeep(sender.Id, receiver.Id, 1, sequence, now + 1_000_000, "box"u8, out _)); }
        Assert.InRange(BestOf(journal) / few, 0, 100); // each was looked at before: tens of thousands

        static double BestOf(MessageJournal journal) => Enumerable.Range(0, 20).Min(_ =>
        {
            var begun = System.Diagnostics.Stopwatch.GetTimestamp();
            for (var i = 0; i < 10; i++) { journal.Expire(); }
            return System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalNanoseconds;
        });
    }

    [Fact]
    public void A_seal_opens_for_its_receiver_only_and_only_as_its_sender_made_it()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        using var bob = IdentityKey.Generate(new SeededRandomSource(2));
        using var eve = IdentityKey.Generate(new SeededRandomSource(3));
        var network = new NetworkId(ada.Id);
        var box = MailboxSeal.TrySeal(ada, network, bob.Id, 7, new() { Sequence = 1, Data = "hello"u8 })!;

        Assert.NotNull(MailboxSeal.TryOpen(bob, network, ada.Id, 7, box));
        Assert.Null(MailboxSeal.TryOpen(eve, network, ada.Id, 7, box));
        Assert.Null(MailboxSeal.TryOpen(bob, network, eve.Id, 7, box));
        Assert.Null(MailboxSeal.TryOpen(bob, network, ada.Id, 8, box));
        Assert.Null(MailboxSeal.TryOpen(bob, new NetworkId(eve.Id), ada.Id, 7, box));
        for (var length = 0; length < box.Length; length++) { Assert.Null(MailboxSeal.TryOpen(bob, network, ada.Id, 7, box.AsSpan(0, length))); }
        for (var at = 0; at < box.Length; at++)
        {
            box[at] ^= 1;
            Assert.Null(MailboxSeal.TryOpen(bob, network, ada.Id, 7, box));
            box[at] ^= 1;
        }
    }

    [Fact]
    public async Task What_a_removed_node_left_in_a_mailbox_or_sends_is_not_taken()
    {
        await using var scene = new MessageScene();
        var (ada, bob) = await scene.TwoAsync(Prompt, mailbox: true);
        var (adaId, bobId) = (ada.Id, bob.Id);
        await bob.DisposeAsync();
        await scene.WaitUntilGoneAsync(ada, bobId);
        await ada.Messages.SendAsync(bobId, Bytes("from one who is removed"), null, scene.Patience);
        await UntilAsync(() => scene.Hub.Messages.KeptFor(bobId).Count == 1, scene.Patience);

        await scene.Hub.RemoveAsync(adaId, scene.Patience);
        await UntilAsync(() => ada.IsRemoved && scene.Hub.Messages.KeptFor(bobId).Count == 0, scene.Patience);
        bob = await scene.StartAgainAsync("bob", Prompt);
        await scene.Hub.Messages.SendAsync(bobId, Bytes("from another"), null, scene.Patience);

        Assert.Equal("from another", Text(Assert.Single(await scene.TakeAsync(bob, 1))));
        var refused = await Assert.ThrowsAsync<CocoException>(() => ada.Messages.SendAsync(bobId, Bytes("more"), null, scene.Patience));
        Assert.Equal(CocoError.Removed, refused.Code);
    }

    private sealed class LaterTime : TimeProvider
    {
        private readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

        public TimeSpan Later { get; set; }

        public override DateTimeOffset GetUtcNow() => _start + Later;
    }

    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition()) { await Task.Delay(20, cancellationToken); }
    }
}
