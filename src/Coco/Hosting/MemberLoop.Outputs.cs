using Coco.Cluster.Members;
using Coco.Storage;

namespace Coco.Hosting;

/// <content>What the member wants done.</content>
internal sealed partial class MemberLoop
{
    private void TakeOutputs()
    {
        while (_member.TryTakeOutput(out var output))
        {
            switch (output)
            {
                case MemberOutput.Send send: Send(send.Peer, send.Frames); break;
                case MemberOutput.Connect connect: DialForMesh(connect.Peer, viaMesh: !connect.IsLink); break;
                case MemberOutput.Disconnect disconnect: Disconnect(disconnect.Peer, disconnect.Reason); break;
                case MemberOutput.Verified verified: Verify(verified.Peer); break;
                case MemberOutput.Write write: Write(write); break;
                case MemberOutput.Invited invited: HandleInvited(invited.Ticket); break;
                case MemberOutput.JoinSend send: SendJoin(send.Channel, send.Frame); break;
                case MemberOutput.JoinFinish finish: FinishJoin(finish.Channel, finish.IsMember); break;
                case MemberOutput.LookedUp lookedUp: HandleLookedUp(lookedUp.Number, lookedUp.Outcome); break;
                case MemberOutput.Happened happened: Note(happened.Event); break;
                case MemberOutput.Probe probe: Probe(probe.Peer); break;
            }
        }
        UpdateView();
    }

    private long _writes;

    private void Write(MemberOutput.Write write)
    {
        _writes++;
        if (_store is null)
        {
            _member.HandleStored(write.Number, Now);
            return;
        }
        // The store takes commits in the order in which they are begun.
        _written = ReportAsync(_written, _store.CommitAsync(write.Rows), write.Number);
    }

    private async Task ReportAsync(Task previous, Task commit, ulong number)
    {
        await previous.ConfigureAwait(false);
        try
        {
            await commit.ConfigureAwait(false);
            await PostAsync(() => _member.HandleStored(number, Now)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
        {
            _logger.WriteFailed(Self, exception);
            await PostAsync(() => _member.HandleStoreFailed(number, Now)).ConfigureAwait(false); // which writes it again
        }
    }
}
