using System.Text;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Data.Core;

/// <summary>
/// Which collection: the same on all nodes that hold it.
/// <code>
/// name = scope u8 (0: a user's, 1: shared) ‖ user (32; zero where shared) ‖ length u8 ‖ app ‖ length u8 ‖ name
/// id   = SHA-256("coco collection v1" ‖ name)
/// </code>
/// </summary>
internal sealed record CollectionName
{
    public const int MaxSize = 1 + NodeId.Size + (2 * (1 + Labels.MaxLength));

    private CollectionName(CollectionScope scope, UserId user, AppId app, string name)
    {
        (Scope, User, App, Name) = (scope, user, app, name);
        Span<byte> bytes = stackalloc byte[18 + MaxSize];
        "coco collection v1"u8.CopyTo(bytes);
        var writer = new SpanWriter(bytes[18..]);
        Write(ref writer);
        Id = Digest.Of(bytes[..(18 + writer.Position)]);
    }

    public CollectionScope Scope { get; }

    public UserId User { get; }

    public AppId App { get; }

    public string Name { get; }

    public Digest Id { get; }

    /// <summary>Whether it is that of the keys of a user's others.</summary>
    public bool HasKeys => Scope is CollectionScope.User && Name == CollectionKeys.Collection;

    /// <summary>What the policy calls it.</summary>
    public string Resource => "$coco/store/" + Name;

    public static CollectionName OfUser(UserId user, AppId app, string name) => new(CollectionScope.User, user, app, Labels.Require(name, "a collection"));

    public static CollectionName Shared(string name) => new(CollectionScope.Shared, default, default, Labels.Require(name, "a collection"));

    public void Write(ref SpanWriter writer)
    {
        writer.WriteByte((byte)Scope);
        User.Key.CopyTo(writer.Reserve(NodeId.Size));
        WriteLabel(ref writer, App.Name);
        WriteLabel(ref writer, Name);
    }

    /// <summary>Null where there is none.</summary>
    public static CollectionName? Read(ref SpanReader reader)
    {
        if (!reader.TryReadByte(out var scope) || scope > 1 || !reader.TryReadBytes(NodeId.Size, out var key)) { return null; }
        if (!reader.TryReadByteLengthBytes(out var app) || !reader.TryReadByteLengthBytes(out var name)) { return null; }
        var (appText, nameText) = (Encoding.ASCII.GetString(app), Encoding.ASCII.GetString(name));
        if (!Labels.IsValid(nameText) || (appText.Length > 0 && !Labels.IsValid(appText))) { return null; }
        var user = new UserId(NodeId.Read(key));
        var isShared = (CollectionScope)scope is CollectionScope.Shared;
        if (user.IsDefault != isShared || (isShared && appText.Length > 0)) { return null; }
        return new((CollectionScope)scope, user, appText.Length > 0 ? new(appText) : default, nameText);
    }

    public override string ToString() => Scope is CollectionScope.Shared ? Name : $"{Name} of user {User}";

    private static void WriteLabel(ref SpanWriter writer, string label)
    {
        writer.WriteByte((byte)label.Length);
        Encoding.ASCII.GetBytes(label, writer.Reserve(label.Length));
    }
}
