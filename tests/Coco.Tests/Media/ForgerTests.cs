using System.Collections.Concurrent;
using Coco.Crypto;
using Coco.Media;
using Coco.Quic.Packets;
using Microsoft.Extensions.Logging;

namespace Coco.Tests.Media;

/// <summary>One that agrees to pass a stream on, and passes on something else.</summary>
public sealed class ForgerTests
{
    private const int PerGroup = 4;

    private static readonly TrackOptions Patient = new() { Deadline = TimeSpan.FromMinutes(10) };

    [Theory]
    [InlineData(Forgery.Alters)]
    [InlineData(Forgery.Invents)]
    [InlineData(Forgery.Reorders)]
    [InlineData(Forgery.Replays)]
    [InlineData(Forgery.MovesElsewhere)]
    [InlineData(Forgery.SignsItself)]
    [InlineData(Forgery.TalksNonsense)]
    [InlineData(Forgery.NeverSigns)]
    public async Task What_a_forger_sends_is_never_handed_out_and_the_stream_comes_from_another(Forgery how)
    {
        using var log = new Record();
        await using var scene = await StreamScene.StartAsync(3, loggerFactory: log);
        var (producer, honest, victim) = (scene.Nodes[0], scene.Nodes[1], scene.Nodes[2]);
        await using var stream = await producer.Streams.PublishAsync("camera", new() { MaxCopies = 2 });
        var track = stream.AddTrack("video", Patient);
        var passing = await scene.SubscribeAsync(honest, producer, "camera", new() { Rebroadcasts = 1 });
        var forger = await Forger.SubscribeAsync(scene, producer, victim, "camera");
        WriteGroup(track, 0);
        WriteGroup(track, 1);
        var (old, group) = (await forger.TakeGroupAsync(PerGroup), await forger.TakeGroupAsync(PerGroup));

        var asking = scene.SubscribeAsync(victim, producer, "camera", new() { SilenceTime = TimeSpan.FromSeconds(20) });
        var number = await forger.AcceptVictimAsync();
        var subscription = await asking;
        Assert.Equal(forger.Id, subscription.Statistics.Source);
        var (header, records) = Forge(how, old, group);
        await forger.SendAsync(number, header, records);

        while (subscription.Statistics.Source != honest.Id) { await Task.Delay(10, scene.Patience); }
        WriteGroup(track, 2);
        var read = new List<int>();
        do { read.Add((await scene.ReadAsync(subscription, 1))[0].Data.Span[0]); }
        while (read[^1] != LastOf(2));
        Assert.Equal(Enumerable.Range(LastOf(2) + 1 - read.Count, read.Count), read);
        Assert.InRange(read.Count, PerGroup, 2 * PerGroup); // the newest group when it joined there may be this one
        Assert.InRange(subscription.Statistics.Changes, 1, int.MaxValue);
        Assert.Contains(log.Warnings, text => text.Contains(forger.Id.ToString(), StringComparison.Ordinal) && text.Contains("camera", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Warnings, text => text.Contains(honest.Id.ToString(), StringComparison.Ordinal));
        await passing.DisposeAsync();
    }

    [Fact]
    public async Task What_is_repeated_is_handed_out_once()
    {
        using var log = new Record();
        await using var scene = await StreamScene.StartAsync(2, loggerFactory: log);
        await using var stream = await scene.Ada.Streams.PublishAsync("camera", new() { MaxCopies = 1 });
        var track = stream.AddTrack("video", Patient);
        var forger = await Forger.SubscribeAsync(scene, scene.Ada, scene.Bob, "camera");
        WriteGroup(track, 0);
        WriteGroup(track, 1);
        var (first, second) = (await forger.TakeGroupAsync(PerGroup), await forger.TakeGroupAsync(PerGroup));

        var asking = scene.SubscribeAsync(scene.Bob, scene.Ada, "camera");
        var number = await forger.AcceptVictimAsync();
        var subscription = await asking;
        await forger.SendAsync(number, first.Header, first.Records, ends: true); // of before it joined, so nothing of it is late
        Assert.Equal(Enumerable.Range(0, PerGroup), (await scene.ReadAsync(subscription, PerGroup)).Select(static item => (int)item.Data.Span[0]));
        for (var i = 0; i < 3; i++) { await forger.SendAsync(number, first.Header, first.Records, ends: true); }
        await forger.SendAsync(number, second.Header, second.Records);
        var read = await scene.ReadAsync(subscription, PerGroup);
        Assert.Equal(Enumerable.Range(PerGroup, PerGroup), read.Select(static item => (int)item.Data.Span[0]));
        Assert.Empty(log.Warnings);
    }

    public enum Forgery
    {
        Alters,
        Invents,
        Reorders,
        Replays,
        MovesElsewhere,
        SignsItself,
        TalksNonsense,
        NeverSigns,
    }

    private static (GroupHeader Header, List<(GroupRecord Type, byte[] Body)> Records) Forge(
        Forgery how, (GroupHeader Header, List<(GroupRecord Type, byte[] Body)> Records) old, (GroupHeader Header, List<(GroupRecord Type, byte[] Body)> Records) group)
    {
        var objects = group.Records.Where(static one => one.Type is GroupRecord.Object).ToArray();
        var signature = group.Records[^1];
        byte[] altered = [.. objects[1].Body[..^1], 200];
        switch (how)
        {
            case Forgery.Alters:
                return (group.Header, [objects[0], (GroupRecord.Object, altered), objects[2], objects[3], signature]);
            case Forgery.Invents:
                return (group.Header, [objects[0], objects[1], (GroupRecord.Object, altered), objects[2], objects[3], signature]);
            case Forgery.Reorders:
                return (group.Header, [objects[1], objects[0], objects[2], objects[3], signature]);
            case Forgery.Replays: // what was true once, as if it were the newest
                return (group.Header with { First = group.Header.First with { Group = 9, Sequence = 90 } }, old.Records);
            case Forgery.MovesElsewhere: // one group's signature below another's objects
                return (group.Header, [.. objects, old.Records[^1]]);
            case Forgery.SignsItself:
                using (var key = IdentityKey.FromSeed(new byte[32]))
                {
                    var bytes = new byte[IdentityKey.SignatureSize];
                    key.Sign(altered, bytes);
                    return (group.Header, [objects[0], (GroupRecord.Object, altered), (GroupRecord.Signature, [.. WithCount(2), .. bytes])]);
                }
            case Forgery.TalksNonsense:
                return (group.Header, [objects[0], (GroupRecord.Object, [])]);
            default: // what is not signed is known for useless when its time is over, which is the forger's to say
                return (group.Header, [(GroupRecord.Object, LiveObject.Encode(0, TimeSpan.Zero, TimeSpan.FromSeconds(1), [200]))]);
        }
    }

    private static int LastOf(int group) => (group * PerGroup) + PerGroup - 1;

    private static byte[] WithCount(ulong count)
    {
        var bytes = new byte[VarInt.Length(count)];
        VarInt.Write(bytes, count);
        return bytes;
    }

    private static void WriteGroup(PublishedTrack track, int group)
    {
        for (var i = 0; i < PerGroup; i++) { track.Write([(byte)((group * PerGroup) + i)], startsGroup: i == 0); }
    }

    private sealed class Record : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is >= 1540 and < 1550) { Warnings.Enqueue(formatter(state, exception)); }
        }

        public void Dispose()
        {
        }
    }
}
