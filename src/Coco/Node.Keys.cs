using Coco.Cluster;
using Coco.Crypto;
using Coco.Storage;

namespace Coco;

/// <content>Other keys for a user and for what lies on disk.</content>
public sealed partial class Node
{
    /// <summary>Goes on with another key for this node's user, which is kept when this returns: an admin by a rotation, the owner by handing the network over to it. The user's other
    /// nodes hold the old key and lose the office; they join anew to have it. For owner and admins.</summary>
    /// <param name="cancellationToken">Ends the wait, not the act.</param>
    /// <returns>The user by the new key.</returns>
    /// <exception cref="CocoException">The user may not.</exception>
    public Task<UserId> RotateUserKeyAsync(CancellationToken cancellationToken = default) => _loop.AskAsync(
        static (member, now) =>
        {
            member.RotateUserKey(IdentityKey.Generate(), now);
            return member.Keys.UserId;
        },
        cancellationToken);

    /// <summary>Puts the store under another passphrase or key, if one is given, and seals all that is in it anew: who has had the old one and a copy of the file cannot
    /// read what is written afterwards. What a crash interrupts is continued when the store is opened; until this returns, either key may be the one that opens it.</summary>
    /// <param name="key">What opens the store from now on; null for what opens it already.</param>
    /// <param name="cancellationToken">Ends the work; the store is whole at every moment.</param>
    /// <exception cref="CocoException">The node is ephemeral, or the store could not be written.</exception>
    public Task RotateStoreKeyAsync(StoreKey? key = null, CancellationToken cancellationToken = default) => _store is { } store
        ? store.RotateAsync(key, cancellationToken)
        : throw new CocoException(CocoError.Invalid, "This node is ephemeral: it has no store.");
}
