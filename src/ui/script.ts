/** Three batches, one under the other. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#4a7fd6" d="M1 2h14v3H1zm0 4.5h10v3H1zM1 11h6v3H1z"/></svg>'

/** The page's only script: hides the token from the address bar, and keeps what is live up to date; nobody's typing is taken away. */
export const SCRIPT = `(()=>{
const address=new URL(location.href)
if(address.searchParams.has('token')){address.searchParams.delete('token');history.replaceState(null,'',address)}
const live=document.getElementById('live'),gone=document.getElementById('gone')
if(!live)return
let last=live.innerHTML
const look=async()=>{
  const every=Number(live.dataset.every)
  if(!every)return
  const at=document.activeElement
  if(!document.hidden&&!(live.contains(at)&&at.matches('input,select')))try{
    const answer=await fetch(location.href,{cache:'no-store'})
    if(!answer.ok)throw new Error(answer.status)
    const fresh=new DOMParser().parseFromString(await answer.text(),'text/html').getElementById('live')
    gone.hidden=true
    if(fresh&&fresh.innerHTML!==last){
      last=fresh.innerHTML
      const held=live.contains(document.activeElement)?document.activeElement.getAttribute('href'):null
      live.replaceChildren(...document.importNode(fresh,true).childNodes)
      if(held!==null)[...live.querySelectorAll('a')].find(a=>a.getAttribute('href')===held)?.focus()
    }
    if(fresh)live.dataset.every=fresh.dataset.every??''
  }catch{gone.hidden=false}
  setTimeout(look,every)
}
setTimeout(look,Number(live.dataset.every))
})()
`
