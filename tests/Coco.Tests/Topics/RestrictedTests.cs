using Coco.Crypto;
using Coco.Topics;

namespace Coco.Tests.Topics;

/// <summary>Topics that some members have the key of.</summary>
public sealed class RestrictedTests
{
    [Fact]
    public async Task Only_the_members_of_a_restricted_topic_read_and_write_it()
    {
        await using var scene = await TopicScene.OfAsync(3);
        var (owner, ada, eve) = (scene.Nodes[0], scene.Nodes[1], scene.Nodes[2]);
        await using var allowed = await ada.Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);
        await using var curious = await eve.Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);

        await owner.Topics.RestrictAsync("home/safe/#", [owner.Id, ada.Id], scene.Patience);
        await owner.Topics.PublishAsync("home/safe/code", TopicScene.Bytes("1234"), new() { Retain = true, Acknowledge = true }, scene.Patience);
        await owner.Topics.PublishAsync("home/open", TopicScene.Bytes("hello"), new() { Acknowledge = true }, scene.Patience);

        Assert.Equal(["1234", "hello"], (await scene.TakeAsync(allowed, 2)).Select(TopicScene.Text));
        Assert.Equal(["hello"], (await scene.TakeAsync(curious, 1)).Select(TopicScene.Text));
        var failure = await Assert.ThrowsAsync<CocoException>(async () => await eve.Topics.PublishAsync("home/safe/code", TopicScene.Bytes("0"), cancellationToken: scene.Patience));
        Assert.Equal(CocoError.Denied, failure.Code);
        failure = await Assert.ThrowsAsync<CocoException>(() => eve.Topics.RestrictAsync("home/open", [eve.Id], scene.Patience));
        Assert.Equal(CocoError.NotPermitted, failure.Code);
    }

    [Fact]
    public async Task The_key_changes_when_a_member_is_removed()
    {
        await using var scene = await TopicScene.OfAsync(3);
        var (owner, ada, eve) = (scene.Nodes[0], scene.Nodes[1], scene.Nodes[2]);
        await using var subscription = await ada.Topics.SubscribeAsync("home/#", cancellationToken: scene.Patience);
        await owner.Topics.RestrictAsync("home/#", [owner.Id, ada.Id, eve.Id], scene.Patience);
        var before = KeyOf(owner);

        await owner.RemoveAsync(eve.Id, scene.Patience);
        while (KeyOf(owner) == before) { await Task.Delay(10, scene.Patience); } // the key follows the removal by a moment
        await owner.Topics.PublishAsync("home/a", TopicScene.Bytes("after"), new() { Acknowledge = true }, scene.Patience);

        Assert.Equal("after", TopicScene.Text(Assert.Single(await scene.TakeAsync(subscription, 1))));
        Assert.DoesNotContain(eve.Id, owner.Topics.Keys.Lists.Single().Members);
        Assert.Equal(KeyOf(owner), KeyOf(ada));
    }

    [Fact]
    public void Whatever_a_list_or_a_message_of_noise_says_is_taken_or_refused()
    {
        var random = new Random(61);
        using var identity = IdentityKey.Generate();
        using var other = IdentityKey.Generate();
        var keys = new TopicKeys(identity.Id, identity, new() { MaxRestricted = 4, MaxRestrictedMembers = 8 });
        var list = TopicKeys.MakeList([identity.Id, other.Id]);
        var inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 100_000 : 5000;
        for (var i = 0; i < inputs; i++)
        {
            var bytes = list.ToArray()[..(random.Next(2) == 0 ? list.Length : random.Next(list.Length))];
            if (bytes.Length > 0 && random.Next(2) == 0) { bytes[random.Next(Math.Min(12, bytes.Length))] ^= (byte)random.Next(256); }
            keys.Handle(TopicKeys.TopicOf($"t/{random.Next(9)}")[..^random.Next(2)], other.Id, DateTimeOffset.UnixEpoch.AddSeconds(i), bytes);
            Assert.InRange(keys.Lists.Count(), 0, 4);
            if (keys.Find($"t/{random.Next(9)}") is not { IsOpen: true } found) { continue; }
            var topic = found.Filter;
            var message = TopicKeys.Encrypt(found, topic, [1, 2, 3]);
            Assert.True(TopicKeys.TryDecrypt(found, topic, other.Id, message, out var data));
            Assert.Equal([1, 2, 3], data);
            Assert.False(TopicKeys.TryDecrypt(found, "another", other.Id, message, out _));
            message[random.Next(message.Length)] ^= 1;
            Assert.False(TopicKeys.TryDecrypt(found, topic, other.Id, message, out _));
        }
    }

    private static ulong KeyOf(Node node) => node.Topics.Keys.Lists.Single().KeyId;
}
