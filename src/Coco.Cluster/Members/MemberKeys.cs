using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>The key of a node in one network, and that of its user.</summary>
internal sealed record MemberKeys(IdentityKey Node, IdentityKey User)
{
    public UserId UserId => new(User.Id);

    public static MemberKeys Generate(RandomSource random) => new(IdentityKey.Generate(random), IdentityKey.Generate(random));
}
