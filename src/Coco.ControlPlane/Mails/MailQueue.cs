using System.Threading.Channels;

namespace Coco.ControlPlane.Mails;

/// <summary>Sends mail after the answer: a request must not take longer where a mail is sent than where none is. What waits when the program ends
/// is lost; whoever waits for a mail asks for another.</summary>
internal sealed class MailQueue(IMailSender sender, ILogger<MailQueue> logger) : BackgroundService
{
    private const int MaxWaiting = 1000;
    private const int MaxAttempts = 3;

    private readonly Channel<Mail> _waiting = Channel.CreateBounded<Mail>(MaxWaiting);

    public void Send(Mail mail)
    {
        if (!_waiting.Writer.TryWrite(mail)) { MailLog.Dropped(logger); }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var mail in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            for (var attempt = 1; attempt <= MaxAttempts && !await TrySendAsync(mail, stoppingToken); attempt++)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), stoppingToken);
            }
        }
    }

    private async Task<bool> TrySendAsync(Mail mail, CancellationToken stoppingToken)
    {
        try
        {
            await sender.SendAsync(mail, stoppingToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The message of a mail system may hold the address.
            MailLog.Failed(logger, exception.GetType().Name);
            return false;
        }
    }
}
