using System.Buffers.Binary;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Statements;

/// <summary>Keys and statements that are the same in every run.</summary>
internal static class Samples
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, IdentityKey> Keys = new();

    public static bool All { get; } = Environment.GetEnvironmentVariable("COCO_ALL") == "1";

    public static NetworkId Network { get; } = new(Key(0).Id);

    public static IdentityKey Key(int number) => Keys.GetOrAdd(number, static number =>
    {
        var seed = new byte[IdentityKey.SeedSize];
        BinaryPrimitives.WriteInt32BigEndian(seed, number + 1);
        return IdentityKey.FromSeed(seed);
    });

    public static UserId User(int number) => new(Key(number).Id);

    public static StatementId Id(int number) => StatementId.Of(BitConverter.GetBytes(number));

    public static Statement Sign(StatementBody body, int issuer = 1, ulong sequence = 3, params ChainHead[] after) =>
        Statement.Sign(Key(issuer), Network, sequence, Id(1), Id(2), [.. after], 1_800_000_000, body);

    /// <summary>One of each type that this release knows.</summary>
    public static StatementBody[] Bodies() =>
    [
        new StatementBody.CreateNetwork(User(1), Key(2).Id, "home ä", NetworkProfile.Open, new byte[] { 1, 2, 3 }),
        new StatementBody.Transfer(User(3), new byte[64], Key(2).Id, Retirement.Sign(Key(2), Id(5), Network, Key(1).Id, Id(1)), Keep.All),
        new StatementBody.Recover(Id(7), new(4, Id(8)), User(3), default, Keep.None),
        new StatementBody.SetRecovery(default, null),
        new StatementBody.GrantRole(User(4), Role.Admin, [Id(9), Id(10)]),
        new StatementBody.Delegate(Key(5).Id, new("org.example.chat"), 1_900_000_000),
        new StatementBody.Revoke(RevokeKind.Grant, Id(11), new(0, default), Keep.Only([Id(12), Id(13)])),
        new StatementBody.Rename(Key(6).Id, "kitchen"),
        new StatementBody.MoveNode(Key(6).Id, SubClusterId.Core),
        new StatementBody.SetPolicy(new byte[] { 9, 9 }),
        new StatementBody.SetControlPlanes([new(Key(7).Id, "wss://control.example")]),
        new StatementBody.SetDiscovery(new byte[StatementBody.DiscoveryKeySize], Id(14)),
        new StatementBody.SetSettings("home", NetworkProfile.Private, Array.Empty<byte>()),
        new StatementBody.RotateKey(Key(8).Id, new byte[64]),
        new StatementBody.GrantResource(new byte[] { 5 }),
        new StatementBody.SnapshotPart(Id(14), 1, 2, new byte[] { 7, 7, 7 }),
        new StatementBody.Unknown((StatementType)4711, new byte[] { 1 }),
    ];
}
