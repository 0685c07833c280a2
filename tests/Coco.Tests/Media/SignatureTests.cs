using Coco.Cluster;
using Coco.Crypto;
using Coco.Media;

namespace Coco.Tests.Media;

public sealed class SignatureTests : IDisposable
{
    private readonly IdentityKey _producer = IdentityKey.FromSeed(new byte[32]);
    private readonly StreamScope _scope;

    public SignatureTests() => _scope = new(new NetworkId(_producer.Id), _producer.Id, "camera/door", 7);

    [Fact]
    public void A_signature_covers_all_objects_of_its_group_before_it()
    {
        var (objects, signature) = Signed(3);
        Assert.True(LiveSignature.Verify(_scope, 1, After(objects), signature));
    }

    [Fact]
    public void Of_an_object_that_was_left_out_its_hash_is_enough()
    {
        var (objects, signature) = Signed(3);
        var chain = LiveObject.Chain(LiveObject.Chain(ObjectPlace.NoChain, objects[0].Leaf), objects[1].Leaf);
        Assert.True(LiveSignature.Verify(_scope, 1, After(objects) with { Chain = LiveObject.Chain(chain, objects[2].Leaf) }, signature));
    }

    [Fact]
    public void Nothing_can_be_changed_moved_or_taken_from_elsewhere()
    {
        var (objects, signature) = Signed(3);
        var place = After(objects);
        var forged = LiveObject.TryRead(objects[1].Place, [.. objects[1].Body[..^1], 99])!;
        var chain = LiveObject.Chain(forged.ChainAfter, objects[2].Leaf);

        Assert.False(LiveSignature.Verify(_scope, 1, place with { Chain = chain }, signature));
        Assert.False(LiveSignature.Verify(_scope, 2, place, signature));
        Assert.False(LiveSignature.Verify(_scope, 1, place with { Group = 5 }, signature));
        Assert.False(LiveSignature.Verify(_scope, 1, place with { Index = 4 }, signature));
        Assert.False(LiveSignature.Verify(_scope, 1, place with { Sequence = 99 }, signature));
        Assert.False(LiveSignature.Verify(_scope with { Epoch = 8 }, 1, place, signature));
        Assert.False(LiveSignature.Verify(_scope with { Name = "camera/yard" }, 1, place, signature));
        Assert.False(LiveSignature.Verify(_scope, 1, place, signature.AsSpan(1)));
    }

    public void Dispose() => _producer.Dispose();

    private static ObjectPlace After(LiveObject[] objects)
    {
        var last = objects[^1].Place;
        return new(last.Group, last.Index + 1, last.Sequence + 1, objects[^1].ChainAfter);
    }

    private (LiveObject[] Objects, byte[] Signature) Signed(int count)
    {
        var objects = new List<LiveObject>();
        for (var i = 0; i < count; i++) { objects.Add(Items.Of(4, i, 10 + i, chain: i == 0 ? null : objects[^1].ChainAfter)); }
        return ([.. objects], LiveSignature.Sign(_producer, _scope, 1, objects[^1]));
    }
}
