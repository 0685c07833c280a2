using Coco.Cluster.Lookup;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Hosting;

/// <content>Whom the app wants to be connected to: known here, or, in an open network, looked up first.</content>
internal sealed partial class MemberLoop
{
    private readonly Dictionary<ulong, Action<DirectoryOutcome>> _lookups = [];

    private void Seek(NodeId node, string? name, Waiter waiter)
    {
        if (View.IsRemoved) { throw Failures.SelfRemoved(); }
        var isOpen = _member.State.Profile is NetworkProfile.Open;
        if (Find(node, name) is { } known && !(isOpen && IsElsewhere(known))) { Want(known.Id, waiter); }
        else if (isOpen) { LookUp(node, name, waiter); }
        else { throw Failures.NotKnown(name ?? node.ToString()); }
    }

    private MemberInfo? Find(NodeId node, string? name) =>
        _member.Members.FirstOrDefault(member => name is null ? member.Id == node : string.Equals(member.Name, name, StringComparison.Ordinal));

    // Met before and out of sight since: it may be called something else, or be elsewhere, by now.
    private bool IsElsewhere(MemberInfo member) =>
        !member.IsReachable && member.Id != Self && !_current.ContainsKey(member.Id) && !member.IsCore && member.SubCluster != _member.State.SubClusterOf(_member.Certificate);

    private void LookUp(NodeId node, string? name, Waiter waiter)
    {
        var number = name is null ? _member.LookUp(node, Now) : _member.LookUp(name, Now);
        _lookups[number] = outcome =>
        {
            if (waiter.Answer.Task.IsCompleted) { return; }
            try
            {
                // What was known before is better than nothing.
                if (Find(node, name) is { } found) { Want(found.Id, waiter); }
                else { waiter.Answer.TrySetException(Failures.NotFound(name ?? node.ToString(), outcome)); }
            }
            catch (CocoException exception)
            {
                waiter.Answer.TrySetException(exception);
            }
        };
    }

    private void HandleLookedUp(ulong number, DirectoryOutcome outcome)
    {
        if (!_lookups.Remove(number, out var resume)) { return; }
        _viewAt = Now;
        UpdateView(); // the call that follows may need the ways to whoever was found
        resume(outcome);
    }
}
